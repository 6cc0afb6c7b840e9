"""Sources and staging against the contract: models read what extraction owes, column by column."""

import re
from pathlib import Path
from typing import Any

from tests.dbt_project.raw_tables import columns_of, contract_tables

STAGING = Path(__file__).parents[2] / "dbt_project" / "models" / "staging" / "shopify"


def selected_columns(path: Path) -> set[str]:
    body = path.read_text(encoding="utf-8").split("renamed as (")[1].split("from source")[0]
    body = re.sub(r"--.*|\{\{- merchant_columns.*\}\}", "", body).replace("select", "", 1)
    return {item.strip().split()[0].removeprefix("cast(") for item in body.split(",\n") if item.strip()}


def test_every_table_of_the_contract_is_a_source_and_no_other(manifest: dict[str, Any]) -> None:
    sources = {node["name"] for node in manifest["sources"].values() if node["source_name"] == "shopify"}
    assert sources == {table["name"] for table in contract_tables()}


def test_staging_passes_on_every_column_of_the_contract() -> None:
    missing = {
        table["name"]: sorted(set(columns_of(table)) - selected_columns(STAGING / f"stg_shopify__{table['name']}.sql"))
        for table in contract_tables()
    }
    assert {name: columns for name, columns in missing.items() if columns} == {}


def test_the_grain_of_staging_is_the_key_of_the_contract(models: dict[str, dict[str, Any]]) -> None:
    wrong = [
        table["name"]
        for table in contract_tables()
        if models[f"stg_shopify__{table['name']}"]["config"]["meta"]["grain"]
        != ["shop", *(column["name"] for column in table["properties"] if column.get("primaryKey"))]
    ]
    assert wrong == []
