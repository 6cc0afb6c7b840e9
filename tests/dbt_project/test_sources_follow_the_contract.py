"""Sources and staging against the contracts: models read what extraction owes, column by column."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.dbt_project.raw_tables import CONNECTIONS, columns_of, contract_tables

STAGING = Path(__file__).parents[2] / "dbt_project" / "models" / "staging"
sources = pytest.mark.parametrize("source", list(CONNECTIONS))


def selected_columns(path: Path) -> set[str]:
    body = path.read_text(encoding="utf-8").split("renamed as (")[1].split("from source")[0]
    body = re.sub(r"--.*|\{\{- merchant_columns.*\}\}", "", body).replace("select", "", 1)
    items = [item.split() for item in body.split(",\n") if item.strip()]
    # Taken as it is, renamed, or made wider under its own name.
    return {words[0] for words in items} | {words[-1] for words in items}


@sources
def test_every_table_of_the_contract_is_a_source_and_no_other(source: str, manifest: dict[str, Any]) -> None:
    found = {node["name"] for node in manifest["sources"].values() if node["source_name"] == source}
    assert found == {table["name"] for table in contract_tables(source)}


@sources
def test_staging_passes_on_every_column_of_the_contract(source: str) -> None:
    missing = {
        table["name"]: sorted(
            set(columns_of(table, source)) - selected_columns(STAGING / source / f"stg_{source}__{table['name']}.sql")
        )
        for table in contract_tables(source)
    }
    assert {name: columns for name, columns in missing.items() if columns} == {}


@sources
def test_the_grain_of_staging_is_the_key_of_the_contract(source: str, models: dict[str, dict[str, Any]]) -> None:
    wrong = [
        table["name"]
        for table in contract_tables(source)
        if models[f"stg_{source}__{table['name']}"]["config"]["meta"]["grain"]
        != [CONNECTIONS[source], *(column["name"] for column in table["properties"] if column.get("primaryKey"))]
    ]
    assert wrong == []
