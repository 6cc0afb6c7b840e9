"""Every statement that dbt would send to Snowflake and BigQuery, in a first build and in an increment, is theirs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from sqlglot.schema import MappingSchema

from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.dialects.rules import complaints
from tests.dbt_project.raw_tables import create_raw_tables

DIALECTS = ("snowflake", "bigquery")
CATALOGS = {"snowflake": "BOOMERANG", "bigquery": "project"}
ACCOUNT = {
    "DBT_SNOWFLAKE_ACCOUNT": "account",
    "DBT_SNOWFLAKE_USER": "user",
    "DBT_SNOWFLAKE_WAREHOUSE": "warehouse",
    "DBT_SNOWFLAKE_DATABASE": CATALOGS["snowflake"],
    "DBT_BIGQUERY_PROJECT": CATALOGS["bigquery"],
    "DBT_BIGQUERY_LOCATION": "EU",
}
Statements = dict[str, list[dict[str, str]]]
Columns = dict[str, dict[str, str]]


@pytest.fixture(scope="session")
def columns(tmp_path_factory: pytest.TempPathFactory) -> Columns:
    """Columns of every table and view, as DuckDB makes them of empty raw tables; by `schema.name`."""
    work = tmp_path_factory.mktemp("columns")
    with duckdb.connect(str(work / "empty.duckdb")) as connection:
        create_raw_tables(connection)
    run_dbt(work, work / "empty.duckdb", "build", "--empty", "--exclude-resource-type", "unit_test", "test")
    found: Columns = {}
    with duckdb.connect(str(work / "empty.duckdb"), read_only=True) as connection:
        sql = "select table_schema || '.' || table_name, column_name, data_type from information_schema.columns"
        for table, column, kind in connection.execute(f"{sql} order by 1, ordinal_position").fetchall():
            found.setdefault(table, {})[column] = kind
    return found


@pytest.fixture(scope="session")
def statements(columns: Columns, tmp_path_factory: pytest.TempPathFactory) -> Statements:
    """What dbt sends, by dialect; each in a process of its own, because dbt keeps its adapter."""
    work = tmp_path_factory.mktemp("statements")
    (work / "columns.json").write_text(json.dumps(columns), encoding="utf-8")
    recorded = {}
    for dialect in DIALECTS:
        (work / dialect).mkdir()
        out = work / dialect / "statements.json"
        unused = {"BOOMERANG_DUCKDB_PATH": str(work / "unused.duckdb"), "BOOMERANG_WAREHOUSE": dialect}
        command = [sys.executable, "-W", "ignore", "-m", "tests.dbt_project.dialects.recorder", dialect]
        done = subprocess.run(
            [*command, str(work / "columns.json"), str(out)],
            env={**os.environ, **ACCOUNT, **unused},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        recorded[dialect] = json.loads(out.read_text(encoding="utf-8"))
    return recorded


def schema_of(columns: Columns, dialect: str) -> MappingSchema:
    """What sqlglot needs to trace names: all tables, and those that last for one run."""
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for table, found in columns.items():
        schema, name = table.split(".")
        kinds = dict.fromkeys(found, "varchar")
        of_schema = tables.setdefault(schema, {})
        of_schema |= {name: kinds, f"{name}__dbt_tmp": kinds}
        of_schema[f"{name}__changed_orders"] = {"shop": "varchar", "order_id": "bigint"}
        of_schema[f"{name}__changed_days"] = {"shop": "varchar", "day": "date", "noted_at": "timestamp"}
        of_schema[f"{name}__days_to_sum"] = {"shop": "varchar", "day": "date"}
        of_schema[f"{name}__touched_contacts"] = {"contact_kind": "varchar", "contact": "varchar"}
    return MappingSchema({CATALOGS[dialect]: tables}, dialect=dialect)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_statement_is_sql_of_the_warehouse(dialect: str, statements: Statements, columns: Columns) -> None:
    schema = schema_of(columns, dialect)
    wrong = {
        f"{sent['node']} ({sent['state']})": found
        for sent in statements[dialect]
        if (found := complaints(sent["sql"], dialect, schema))
    }
    assert wrong == {}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("state", ["first build", "increment"])
def test_every_model_seed_and_test_sends_something(
    dialect: str, state: str, statements: Statements, columns: Columns
) -> None:
    sent = {statement["node"] for statement in statements[dialect] if statement["state"] == state}
    # the notes of a fact stand beside it and are written by its hooks
    tables = [table for table in columns if not table.endswith("__changed_days")]
    built = {table.split(".")[1] for table in tables if not table.startswith(("raw_", "scores.", "ops."))}
    assert built - sent - {"exchange_rates"} == set()
    assert len(sent) > len(built) + 80


def test_facts_are_partitioned_on_bigquery_and_sorted_on_both(statements: Statements) -> None:
    for fact, day in {
        "fct_sales": "sale_date",
        "int_orders__totals": "order_date",
        "fct_refunds": "refund_date",
    }.items():
        sql = {
            dialect: " ".join(
                " ".join(sent["sql"].lower().split())
                for sent in statements[dialect]
                if (sent["node"], sent["state"]) == (fact, "first build")
            )
            for dialect in DIALECTS
        }
        assert f"partition by date_trunc({day}, month) cluster by shop, {day}" in sql["bigquery"]
        assert f"cluster by (shop, {day})" in sql["snowflake"]
        assert "create or replace transient table" in sql["snowflake"]


def test_what_can_not_be_computed_again_is_not_transient(statements: Statements) -> None:
    for memory in ("int_customers__vip_tiers", "fct_inventory_snapshots"):
        made = [sent["sql"] for sent in statements["snowflake"] if sent["node"] == memory and "create" in sent["sql"]]
        assert made
        assert "transient" not in made[0]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_increment_looks_above_its_marks_only(dialect: str, statements: Statements) -> None:
    """Where marks are not found, everything counts as changed: right, and as dear as a full build."""
    collected = {
        sent["node"]: " ".join(sent["sql"].split())
        for sent in statements[dialect]
        if sent["state"] == "increment" and re.match(r"\s*create .*__changed_orders", sent["sql"])
    }
    assert {"int_orders__totals", "fct_order_lines", "fct_sales", "fct_refunds"} <= set(collected)
    assert [node for node, sql in collected.items() if "where true" in sql] == []
    assert [node for node, sql in collected.items() if "extracted_at > cast('2026-11-20" not in sql] == []
