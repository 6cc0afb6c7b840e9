"""No table and no column of text comes into the warehouse without a word on whether it holds persons."""

from pathlib import Path
from typing import Any

from pipelines.contracts.types import PROVENANCE
from pipelines.privacy.declaration import declared, holdings
from pipelines.warehouse import PLATFORM_SCHEMAS, Warehouse
from tests.dbt_project.conftest import manifest, models
from tests.pipelines.privacy.conftest import settings_of
from tests.pipelines.privacy.kept import MODELS, make_tables

__all__ = ["manifest", "models"]
CONNECTIONS = ("shop", "erp", "partner")


def test_every_table_of_the_platform_and_every_column_of_text_is_declared(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with Warehouse(settings).session() as session:
        make_tables(session, settings)
        found = session.rows(
            "select table_schema || '.' || table_name, column_name, data_type from information_schema.columns "
            "where table_schema in (select unnest(?))",
            (list(PLATFORM_SCHEMAS),),
        )
    said = holdings(settings)
    undeclared = [name for name in {table for table, _, _ in found} if name not in said]
    assert undeclared == []
    provenance = {name for name, _ in PROVENANCE}
    silent = []
    for table, column, kind in found:
        held = said[table]
        known = {*held.links, *held.personal, *held.search, *held.plain, *CONNECTIONS, *provenance}
        telling = kind == "VARCHAR" or (column.endswith(("customer_id", "record_id")) and kind == "BIGINT")
        silent += [f"{table}.{column}"] if telling and column not in known else []
    assert silent == []


def test_nothing_is_declared_that_the_platform_does_not_have(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    with Warehouse(settings).session() as session:
        make_tables(session, settings)
        columns = {schema: session.columns(schema) for schema in PLATFORM_SCHEMAS}
    stale = []
    for name, held in declared().items():
        schema, table = name.split(".")
        if schema in MODELS:
            continue
        known = columns[schema].get(table, [])
        stale += [f"{name}.{column}" for column in (*held.links, *held.search, *held.plain) if column not in known]
    assert stale == []


def test_every_model_that_is_a_table_is_declared(manifest: dict[str, Any]) -> None:
    kept = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] in ("model", "seed") and node["config"]["materialized"] not in ("view", "ephemeral")
    ]
    assert [f"{node['schema']}.{node['name']}" for node in kept if _name(node) not in declared()] == []


def test_every_documented_column_of_such_a_model_is_declared(models: dict[str, dict[str, Any]]) -> None:
    silent = []
    for node in models.values():
        held = declared().get(_name(node))
        if held is None:
            continue
        known = {*held.links, *held.personal, *held.search, *held.plain}
        silent += [
            f"{_name(node)}.{column}"
            for column in node["columns"]
            if any(part in column for part in ("customer_id", "person", "email", "phone", "contact"))
            and column not in known
        ]
    assert silent == []


def _name(node: dict[str, Any]) -> str:
    return f"{node['schema'].removeprefix('main_')}.{node['name']}"
