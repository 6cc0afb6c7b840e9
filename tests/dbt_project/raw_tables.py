"""The raw tables of the contracts in a DuckDB file, and rows for them: what extraction leaves behind."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.scores.tables import TABLES as SCORE_TABLES

CONTRACTS = Path(__file__).parents[2] / "pipelines" / "contracts"
# What each source calls the connection that a row came by: the first part of its keys.
CONNECTIONS = {"shopify": "shop", "erp": "erp", "threepl": "partner"}
SQL_TYPES = {"string": "varchar", "timestamptz": "timestamp with time zone"}
# What the platform writes about its extractions; all shops, ERPs and partners stand in the column `shop` of a window.
OPS_TABLES = {
    "extraction_windows": {
        **dict.fromkeys(("window_id", "shop", "entity", "mode"), "varchar"),
        **dict.fromkeys(("window_from", "window_to", "extracted_at"), "timestamp with time zone"),
        **dict.fromkeys(("state", "operation_id", "path"), "varchar"),
        **dict.fromkeys(("expected_rows", "expected_roots", "arrived_rows", "rejected_rows", "loaded_rows"), "bigint"),
        **dict.fromkeys(("parent_rows", "duplicate_rows"), "bigint"),
        **{"run_id": "varchar", "started_at": "timestamp with time zone", "finished_at": "timestamp with time zone"},
        "reason": "varchar",
    },
    "feed_problems": {
        **dict.fromkeys(("problem_id", "source", "connection", "feed", "code", "file", "message"), "varchar"),
        **{"detected_at": "timestamp with time zone", "window_id": "varchar", "run_id": "varchar"},
        "cleared_at": "timestamp with time zone",
    },
    "holdout_assignments": {
        **{
            "sync": "varchar",
            "experiment": "varchar",
            "shop": "varchar",
            "customer_id": "bigint",
            "stratum": "varchar",
        },
        **{"control_share": "decimal(9, 6)", "assigned_group": "varchar"},
        **{"assigned_at": "timestamp with time zone", "ended_at": "timestamp with time zone"},
    },
}
# A required column that a test does not care about.
NEUTRAL: dict[str, Any] = {
    "varchar": "-",
    "bigint": 0,
    "boolean": False,
    "timestamp with time zone": datetime(2026, 1, 1, tzinfo=UTC),
    "date": date(2026, 1, 1),
}


@cache
def contract_tables(source: str = "shopify") -> list[dict[str, Any]]:
    """The tables of a contract, as they stand in the file."""
    content = (CONTRACTS / f"{source}.odcs.yaml").read_text(encoding="utf-8")
    tables: list[dict[str, Any]] = yaml.safe_load(content)["schema"]
    return tables


def columns_of(table: Mapping[str, Any], source: str = "shopify") -> dict[str, str]:
    """Column name to DuckDB type, with the columns that are added at the door."""
    given = {item["property"]: item["value"] for item in table["customProperties"]}
    columns = {
        column["name"]: SQL_TYPES.get(column["physicalType"], column["physicalType"]) for column in table["properties"]
    }
    if given.get("softDelete"):
        columns["deleted_at"] = "timestamp with time zone"
    added = {"_window_id": "varchar", "_extracted_at": "timestamp with time zone"}
    return {CONNECTIONS[source]: "varchar", **columns, **added}


def all_tables() -> dict[str, dict[str, str]]:
    """Every table that models read, with its columns: `raw_erp.items`, `scores.model_fits`, `ops.feed_problems` ..."""
    found = {
        f"raw_{source}.{table['name']}": columns_of(table, source)
        for source in CONNECTIONS
        for table in contract_tables(source)
    }
    found |= {f"scores.{name}": dict(columns) for name, columns in SCORE_TABLES.items()}
    return found | {f"ops.{name}": columns for name, columns in OPS_TABLES.items()}


def create_raw_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create all that models read, empty."""
    for name, columns in all_tables().items():
        connection.execute(f"create schema if not exists {name.split('.')[0]}")
        declared = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"create table if not exists {name} ({declared})")


def insert_rows(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]], source: str = "shopify"
) -> None:
    """Insert rows that name the columns they care about; other required columns get a neutral value, the rest null."""
    described = next(item for item in contract_tables(source) if item["name"] == table)
    kinds = columns_of(described, source)
    required = {column["name"] for column in described["properties"] if column.get("required")}
    for row in rows:
        unknown = set(row) - set(kinds)
        if unknown:
            raise ValueError(f"{table} has no column {', '.join(sorted(unknown))}")
        neutral = {name: _neutral(kinds[name]) for name in required - set(row)}
        whole = {"_window_id": "w1", "_extracted_at": datetime(2026, 1, 1, tzinfo=UTC), **neutral, **row}
        places = ", ".join("?" for _ in whole)
        connection.execute(
            f"insert into raw_{source}.{table} ({', '.join(whole)}) values ({places})", list(whole.values())
        )


def _neutral(kind: str) -> Any:
    return Decimal(0) if kind.startswith("decimal") else NEUTRAL[kind]
