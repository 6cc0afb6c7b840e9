"""Contracts: what they may say, and the sentence that names what is wrong with one."""

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts.odcs import Contract, read_contract
from pipelines.contracts.rules import check_rules
from pipelines.door.groups import entity_layout
from pipelines.failures import ContractError
from pipelines.shopify.bulk_query import load_entity_queries
from pipelines.shopify.contract import CONTRACT_FILE

MINIMAL: dict[str, Any] = {
    "apiVersion": "v3.1.0",
    "kind": "DataContract",
    "id": "demo",
    "name": "Demo",
    "version": "1.0.0",
    "status": "active",
    "domain": "commerce",
    "description": {"purpose": "x", "limitations": "x", "usage": "x"},
    "schema": [
        {
            "name": "orders",
            "physicalName": "orders",
            "logicalType": "object",
            "physicalType": "table",
            "description": "One row per order.",
            "customProperties": [{"property": "entity", "value": "orders"}, {"property": "rows", "value": ["Order"]}],
            "properties": [
                {
                    "name": "order_id",
                    "logicalType": "integer",
                    "physicalType": "bigint",
                    "transformSourceObjects": ["id"],
                    "transformLogic": "gid",
                    "primaryKey": True,
                    "required": True,
                }
            ],
        }
    ],
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The minimal contract with one place changed; a new key is added."""
    contract = copy.deepcopy(MINIMAL)
    at: Any = contract
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = to
    return contract


def read(tmp_path: Path, content: Any) -> Contract:
    path = tmp_path / "demo.odcs.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return read_contract(path)


PROPERTY = ("schema", 0, "properties", 0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a: [", r"demo\.odcs\.yaml is not valid YAML"),
        (changed("kind", to="Data"), r", kind: input should be 'DataContract'"),
        (changed("apiVersion", to="v2.0.0"), r", apiVersion: string should match pattern"),
        (
            changed(*PROPERTY, "physicalType", to="int8"),
            r"object 'orders', property 'order_id': physicalType 'int8' is not one of bigint, string, boolean, "
            r"timestamptz, date, decimal\(precision,scale\)",
        ),
        (changed(*PROPERTY, "logicalType", to="string"), r"property 'order_id': logicalType 'string' does not fit"),
        (changed(*PROPERTY, "transformLogic", to="upper"), r"transformLogic 'upper' is not one of gid, csv"),
        (changed(*PROPERTY, "unique", to=True), r"property 'order_id', unique: extra inputs are not permitted"),
        (changed(*PROPERTY, "primaryKey", to=False), r"object 'orders': has no property with primaryKey: true"),
        (changed(*PROPERTY, "transformLogic", to="position"), r"needs a table with the custom property 'explode'"),
        (changed(*PROPERTY, "logicalTypeOptions", to={"pattern": "x"}), r"a pattern needs physicalType string"),
        (
            changed("schema", 0, "customProperties", 0, "property", to="entities"),
            r"object 'orders', customProperties 'entities', property: input should be 'entity'",
        ),
        (
            changed("schema", 0, "customProperties", to=MINIMAL["schema"][0]["customProperties"][:1]),
            r"object 'orders': has no custom property 'rows'",
        ),
        (
            changed(
                "schema",
                0,
                "customProperties",
                to=[
                    *MINIMAL["schema"][0]["customProperties"],
                    {"property": "parent", "value": "shops"},
                    {"property": "parentKey", "value": "order_id"},
                ],
            ),
            r"object 'orders': parent 'shops' is not an object of this contract",
        ),
    ],
)
def test_a_malformed_contract_ends_in_a_sentence_that_names_the_place(
    tmp_path: Path, content: Any, sentence: str
) -> None:
    with pytest.raises(ContractError, match=sentence):
        read(tmp_path, content)


def test_a_missing_contract_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nowhere\.yaml cannot be read"):
        read_contract(tmp_path / "nowhere.yaml")


def test_a_rule_about_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    rule = {
        "name": "positive",
        "type": "custom",
        "engine": "boomerang",
        "implementation": "amount > 0",
        "description": "Amounts are positive.",
    }
    contract = read(tmp_path, changed("schema", 0, "quality", to=[rule]))
    with pytest.raises(ContractError, match="object 'orders', rule 'positive' is not a predicate over its properties"):
        check_rules(contract)


def test_the_contract_of_shopify_holds_together() -> None:
    contract = read_contract(CONTRACT_FILE)
    check_rules(contract)
    assert set(contract.entities()) == set(load_entity_queries())
    for entity in contract.entities():
        layout = entity_layout(contract, entity)
        names = [table.name for table in layout.tables]
        for table in layout.tables:
            assert table.parent not in names or names.index(table.parent) < names.index(table.name)
            assert layout.group_of(table).tables


def test_personal_data_are_marked_in_the_contract() -> None:
    contract = read_contract(CONTRACT_FILE)
    personal = {f"{t.name}.{c.name}" for t in contract.tables for c in t.columns if c.classification == "personal"}
    assert {"customers.email", "customers.last_name", "orders.email", "customer_addresses.address1"} <= personal
