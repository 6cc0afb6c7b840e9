"""The raw tables of the contract in a DuckDB file, and rows for them: what extraction leaves behind."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.scores.tables import TABLES as SCORE_TABLES

CONTRACT = Path(__file__).parents[2] / "pipelines" / "contracts" / "shopify.odcs.yaml"
SQL_TYPES = {"string": "varchar", "timestamptz": "timestamp with time zone"}
# A required column that a test does not care about.
NEUTRAL: dict[str, Any] = {
    "varchar": "-",
    "bigint": 0,
    "boolean": False,
    "timestamp with time zone": datetime(2026, 1, 1, tzinfo=UTC),
    "date": date(2026, 1, 1),
}


def contract_tables() -> list[dict[str, Any]]:
    """The tables of the contract, as they stand in the file."""
    tables: list[dict[str, Any]] = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["schema"]
    return tables


def columns_of(table: Mapping[str, Any]) -> dict[str, str]:
    """Column name to DuckDB type, with the columns that are added at the door."""
    given = {item["property"]: item["value"] for item in table["customProperties"]}
    columns = {
        column["name"]: SQL_TYPES.get(column["physicalType"], column["physicalType"]) for column in table["properties"]
    }
    if given.get("softDelete"):
        columns["deleted_at"] = "timestamp with time zone"
    return {"shop": "varchar", **columns, "_window_id": "varchar", "_extracted_at": "timestamp with time zone"}


def create_raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the schemas raw_shopify and scores with all their tables, empty."""
    connection.execute("create schema if not exists raw_shopify")
    connection.execute("create schema if not exists scores")
    for table in contract_tables():
        declared = ", ".join(f"{name} {kind}" for name, kind in columns_of(table).items())
        connection.execute(f"create table raw_shopify.{table['name']} ({declared})")
    for name, columns in SCORE_TABLES.items():
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"create table if not exists scores.{name} ({declared})")


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that name the columns they care about; other required columns get a neutral value, the rest null."""
    described = next(item for item in contract_tables() if item["name"] == table)
    kinds = columns_of(described)
    required = {column["name"] for column in described["properties"] if column.get("required")}
    for row in rows:
        unknown = set(row) - set(kinds)
        if unknown:
            raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
        neutral = {name: _neutral(kinds[name]) for name in required - set(row)}
        whole = {"_window_id": "w1", "_extracted_at": datetime(2026, 1, 1, tzinfo=UTC), **neutral, **row}
        places = ", ".join("?" for _ in whole)
        connection.execute(
            f"insert into raw_shopify.{table} ({', '.join(whole)}) values ({places})", list(whole.values())
        )


def _neutral(kind: str) -> Any:
    return Decimal(0) if kind.startswith("decimal") else NEUTRAL[kind]
