"""The committed slices say what Shopify's schema says, no more and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLSchema, introspection_from_schema, validate_schema

from sandbox.graph.versions import SUPPORTED, access_of, schema_of
from sandbox.schema.slice import named, type_text
from tests.sandbox.schema.official import official


def elements(kind: dict[str, Any]) -> dict[str, Any]:
    """Return what a type is made of, by name, in a form that can be compared."""
    found: dict[str, Any] = {"kind": kind["kind"]}
    for field in kind.get("fields") or []:
        found[f"field {field['name']}"] = (type_text(field["type"]), field["isDeprecated"])
        for argument in field["args"]:
            found[f"argument {field['name']}.{argument['name']}"] = (
                type_text(argument["type"]),
                argument["defaultValue"],
            )
    for field in kind.get("inputFields") or []:
        found[f"input {field['name']}"] = (type_text(field["type"]), field["defaultValue"])
    for value in kind.get("enumValues") or []:
        found[f"value {value['name']}"] = value["isDeprecated"]
    for group in ("interfaces", "possibleTypes"):
        for member in kind.get(group) or []:
            found[f"{group} {member['name']}"] = True
    return found


def of_slice(schema: GraphQLSchema) -> dict[str, dict[str, Any]]:
    """Return the types of a slice by name, in the form of an introspection."""
    content: Any = introspection_from_schema(schema, descriptions=False, input_value_deprecation=True)
    return {kind["name"]: kind for kind in content["__schema"]["types"] if not kind["name"].startswith("__")}


@pytest.mark.parametrize("version", SUPPORTED)
def test_every_type_field_argument_and_enum_value_is_the_official_one(version: str) -> None:
    theirs = {kind["name"]: kind for kind in official(version)["data"]["__schema"]["types"]}
    for name, kind in of_slice(schema_of(version)).items():
        expected = elements(theirs[name])
        for element, fact in elements(kind).items():
            assert expected[element] == fact, f"{name}: {element}"


@pytest.mark.parametrize("version", SUPPORTED)
def test_enums_inputs_and_arguments_are_complete(version: str) -> None:
    theirs = {kind["name"]: kind for kind in official(version)["data"]["__schema"]["types"]}
    for name, kind in of_slice(schema_of(version)).items():
        if kind["kind"] in ("ENUM", "INPUT_OBJECT"):
            assert elements(kind) == elements(theirs[name]), name
        arguments = {field["name"]: {a["name"] for a in field["args"]} for field in theirs[name].get("fields") or []}
        for field in kind.get("fields") or []:
            assert {a["name"] for a in field["args"]} == arguments[field["name"]], f"{name}.{field['name']}"


@pytest.mark.parametrize("version", SUPPORTED)
def test_a_field_is_missing_only_when_its_type_is_outside_the_slice_or_it_is_a_root(version: str) -> None:
    theirs = {kind["name"]: kind for kind in official(version)["data"]["__schema"]["types"]}
    ours = of_slice(schema_of(version))
    for name, kind in ours.items():
        if name in ("QueryRoot", "Mutation") or not kind.get("fields"):
            continue
        present = {field["name"] for field in kind["fields"]}
        for field in theirs[name]["fields"]:
            assert field["name"] in present or named(field["type"]) not in ours, f"{name}.{field['name']}"


@pytest.mark.parametrize("version", SUPPORTED)
def test_the_access_scopes_are_the_official_ones(version: str) -> None:
    theirs = {
        item["typeName"] if item["type"] == "type" else f"{item['typeName']}.{item['fieldName']}": frozenset(
            item["offlineScopes"]
        )
        for item in official(version)["offline_scopes"]["items"]
    }
    for name, scopes in access_of(version).items():
        assert theirs[name] == scopes, name


@pytest.mark.parametrize("version", SUPPORTED)
def test_a_slice_is_a_valid_schema(version: str) -> None:
    assert [error.message for error in validate_schema(schema_of(version))] == []
