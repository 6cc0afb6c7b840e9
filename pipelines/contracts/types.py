"""The physical types of contracts, spelled for the engines they reach."""

from collections.abc import Iterable
from typing import Any

from pipelines.contracts.odcs import Column, Table

# Added at the door to every table, in this order: the connection (of Shopify: the shop), the row's own columns, then
# where the row came from.
PROVENANCE = (("_window_id", "string"), ("_extracted_at", "timestamptz"))
DELETED_AT = ("deleted_at", "timestamptz")

_DUCKDB = {"bigint": "BIGINT", "string": "VARCHAR", "boolean": "BOOLEAN", "timestamptz": "TIMESTAMPTZ", "date": "DATE"}
_DLT = {"bigint": "bigint", "string": "text", "boolean": "bool", "timestamptz": "timestamp", "date": "date"}


def duckdb_type(column: Column) -> str:
    """DuckDB type of a column."""
    return _DUCKDB.get(column.physical_type, column.physical_type.upper())


def stored_columns(table: Table, connection: str) -> list[tuple[str, str]]:
    """Name and physical type of every column of the warehouse table, those added at the door included.

    `connection` is the name of the first of them, as the contract says it.
    """
    own = [(column.name, column.physical_type) for column in table.columns]
    return [(connection, "string"), *own, *PROVENANCE, *([DELETED_AT] if table.soft_delete else [])]


def definition(columns: Iterable[tuple[str, str]]) -> str:
    """Column definitions of a table, in the SQL that the warehouse's session translates."""
    return ", ".join(f'"{name}" {_DUCKDB.get(kind, kind.upper())}' for name, kind in columns)


def dlt_columns(columns: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Column hints of a dlt resource: precision and scale are explicit, for no engine agrees on a default."""
    hints: dict[str, Any] = {}
    for name, kind in columns:
        if kind.startswith("decimal"):
            precision, scale = kind.removeprefix("decimal(").removesuffix(")").split(",")
            hints[name] = {"name": name, "data_type": "decimal", "precision": int(precision), "scale": int(scale)}
        else:
            hints[name] = {"name": name, "data_type": _DLT[kind]}
    return hints
