"""Metafield definitions: they give a type and rules, and go with their values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.writeback.test_metafields import customer, entry, put
from tests.sandbox_fixture import SandboxClient

DEFINE = """mutation D($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) {
  createdDefinition { id name namespace key type { name } validations { name value } capabilities {
    adminFilterable { enabled } } }
  userErrors { field message code } } }"""


def define(sandbox: SandboxClient, **more: Any) -> Any:
    definition = {
        "name": "Tier",
        "namespace": "boomerang",
        "key": "tier",
        "ownerType": "CUSTOMER",
        "type": "single_line_text_field",
    }
    return sandbox.ask(DEFINE, {"d": {**definition, **more}})["metafieldDefinitionCreate"]


def test_a_definition_gives_the_type_and_the_rules(sandbox: SandboxClient) -> None:
    choices = json.dumps(["gold", "silver"])
    created = define(
        sandbox,
        validations=[{"name": "choices", "value": choices}],
        capabilities={"adminFilterable": {"enabled": True}},
    )
    assert created["userErrors"] == []
    assert created["createdDefinition"]["capabilities"]["adminFilterable"]["enabled"] is True
    gid = customer(sandbox)
    assert put(sandbox, entry(gid, kind=None))["metafields"][0]["type"] == "single_line_text_field"
    refused = put(sandbox, entry(gid, value="brass", kind=None))["userErrors"][0]
    assert (refused["code"], refused["message"]) == (
        "INCLUSION",
        'Value does not exist in provided choices: ["gold", "silver"].',
    )
    mismatch = put(sandbox, entry(gid, value="5", kind="number_integer"))["userErrors"][0]
    assert mismatch["code"] == "INVALID_TYPE"


def test_a_definition_that_exists_is_taken(sandbox: SandboxClient) -> None:
    define(sandbox)
    error = define(sandbox)["userErrors"][0]
    assert (error["code"], error["message"]) == (
        "TAKEN",
        "Key is in use for Customer metafields on the 'boomerang' namespace.",
    )


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"key": "x"}, "TOO_SHORT"), ({"namespace": "ab"}, "TOO_SHORT"), ({"type": "colour_of_mood"}, "INCLUSION"),
        ({"access": {"admin": "MERCHANT_READ"}}, "ADMIN_ACCESS_INPUT_NOT_ALLOWED"),
        ({"capabilities": {"smartCollectionCondition": {"enabled": True}}}, "INVALID_CAPABILITY"),
        ({"type": "json", "capabilities": {"uniqueValues": {"enabled": True}}}, "INVALID_CAPABILITY"),
        ({"validations": [{"name": "choices", "value": "gold"}]}, "INVALID_OPTION"),
    ],
)  # fmt: skip
def test_a_definition_that_breaks_a_rule_is_refused(sandbox: SandboxClient, more: dict[str, Any], code: str) -> None:
    assert [error["code"] for error in define(sandbox, **more)["userErrors"]] == [code]


def test_the_reserved_namespace_is_resolved(sandbox: SandboxClient) -> None:
    created = define(sandbox, namespace="$app:rfm", access={"admin": "MERCHANT_READ"})["createdDefinition"]
    assert created["namespace"].startswith("app--")
    assert created["namespace"].endswith("--rfm")
    gid = customer(sandbox)
    put(sandbox, entry(gid, namespace="$app:rfm", kind=None))
    query = (
        'query Q($id: ID!) { customer(id: $id) { metafield(namespace: "$app:rfm", key: "tier") { namespace value } } }'
    )
    assert sandbox.ask(query, {"id": gid})["customer"]["metafield"] == {
        "namespace": created["namespace"],
        "value": "gold",
    }


def test_definitions_are_listed_changed_and_deleted_with_their_values(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    define(sandbox)
    put(sandbox, entry(gid))
    listed = sandbox.ask(
        """{ metafieldDefinitions(first: 9, ownerType: CUSTOMER, namespace: "boomerang") { nodes { id key
          metafieldsCount } } }"""
    )
    node = listed["metafieldDefinitions"]["nodes"][0]
    assert (node["key"], node["metafieldsCount"]) == ("tier", 1)
    update = """mutation U($d: MetafieldDefinitionUpdateInput!) { metafieldDefinitionUpdate(definition: $d) {
      updatedDefinition { name } userErrors { code } } }"""
    given = {"namespace": "boomerang", "key": "tier", "ownerType": "CUSTOMER", "name": "VIP tier"}
    assert sandbox.ask(update, {"d": given})["metafieldDefinitionUpdate"] == {
        "updatedDefinition": {"name": "VIP tier"},
        "userErrors": [],
    }
    delete = """mutation X($id: ID!) { metafieldDefinitionDelete(id: $id, deleteAllAssociatedMetafields: true) {
      deletedDefinitionId userErrors { code } } }"""
    assert sandbox.ask(delete, {"id": node["id"]})["metafieldDefinitionDelete"]["deletedDefinitionId"] == node["id"]
    assert sandbox.state()["customers"][gid.rsplit("/", 1)[-1]]["metafields"] == {}
