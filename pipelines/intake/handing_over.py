"""Rows that a connector hands over, written as the lines that the door reads: one JSON object a row, all values texts.

A row that the contract refuses then is a dead letter with its line as it came, and `boomerang replay` sends that line
through the same door. DuckDB writes the lines: no row passes through Python.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa

from pipelines.config import Settings
from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier, text
from pipelines.door.scratch import scratch
from pipelines.door.shapes import TYPENAME
from pipelines.failures import SourceError

# An Arrow table, a stream of Arrow batches, or a Parquet file; columns are named as in the contract.
Rows: TypeAlias = pa.Table | pa.RecordBatchReader | Path

# A time that names its zone. A text without one is no instant: the door refuses it as badly typed.
_ZONED = r"\d\d:\d\d.*(Z|[+-]\d\d(:?\d\d)?)$"


class UnexpectedColumns(SourceError):
    """Rows have columns that the contract does not know, or lack one that it requires."""


def write_lines(settings: Settings, contract: Contract, rows: Mapping[str, Rows], path: Path) -> int:
    """Write the rows of tables of one entity to a file of JSON lines; how many there are.

    Values may be texts or typed. Raises UnexpectedColumns before anything is written of a table that does not fit.
    """
    folder = path.with_suffix("")
    written = 0
    try:
        with scratch(settings, folder) as connection, path.open("wb") as target:
            for name, given in rows.items():
                relation = _relation(connection, given)
                part = folder / f"{name}.jsonl"
                written += _write(connection, relation, contract.table(name), part)
                with part.open("rb") as source:
                    shutil.copyfileobj(source, target, 1 << 20)
                part.unlink()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return written


def check_columns(table: Table, columns: list[str]) -> None:
    """Refuse columns that the contract does not have, and the lack of one that it requires."""
    unknown = [name for name in columns if table.column(name) is None]
    missing = [column.name for column in table.columns if column.required and column.name not in columns]
    if unknown or missing:
        what = f"bring the unknown column {unknown[0]}" if unknown else f"lack the column {missing[0]}"
        raise UnexpectedColumns(
            f"Rows of {table.name} {what}; nothing of them was loaded: correct the query, the map of columns or the "
            f"contract, then run again."
        )


def _relation(connection: duckdb.DuckDBPyConnection, given: Rows) -> duckdb.DuckDBPyRelation:
    if isinstance(given, Path):
        return connection.read_parquet(str(given))
    return connection.from_arrow(given)


def _write(connection: duckdb.DuckDBPyConnection, relation: duckdb.DuckDBPyRelation, table: Table, path: Path) -> int:
    kinds = dict(zip(relation.columns, (str(kind) for kind in relation.types), strict=True))
    check_columns(table, list(kinds))
    values = [f"{_as_text(table, name, kind)} as {identifier(name)}" for name, kind in kinds.items()]
    relation.create_view("_handed_over", replace=True)
    copied = connection.execute(
        f"copy (select {text(table.name)} as {identifier(TYPENAME)}, {', '.join(values)} from _handed_over) "
        f"to {text(str(path))} (format json)"
    ).fetchall()
    return int(copied[0][0])


def _as_text(table: Table, name: str, kind: str) -> str:
    column, value = table.column(name), f"cast({identifier(name)} as varchar)"
    if column is None or column.physical_type != "timestamptz" or "TIME ZONE" in kind:
        return value
    zoned = f"{value} is null or regexp_matches({value}, {text(_ZONED)})"
    return f"case when {zoned} then {value} else {value} || ' without a zone' end"
