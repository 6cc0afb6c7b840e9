"""Rows of a database as Arrow batches of texts, column by column."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contracts.odcs import Table
from pipelines.failures import InvalidQuery


def check_columns(table: Table, columns: Sequence[str]) -> None:
    """Refuse a query that selects what the contract does not have, or not what it requires."""
    unknown = [name for name in columns if table.column(name) is None]
    missing = [column.name for column in table.columns if column.required and column.name not in columns]
    if unknown or missing:
        what = f"selects the column {unknown[0]}, which" if unknown else f"lacks the column {missing[0]}, which"
        not_there = "the contract does not have" if unknown else "the contract requires"
        raise InvalidQuery(
            f"The query of {table.name} {what} {not_there}; nothing of it was loaded: correct the query, then run "
            f"again."
        )


def schema_of(columns: Sequence[str]) -> pa.Schema:
    """All columns as texts: what they mean is the contract's to say."""
    return pa.schema([(name, pa.string()) for name in columns])


def batches(
    fetched: Iterator[Sequence[Sequence[Any]]], table: Table, columns: Sequence[str], zone: str
) -> Iterator[pa.RecordBatch]:
    """Batches of fetched rows; `zone` is that of times without one."""
    instants = {column.name for column in table.columns if column.physical_type == "timestamptz"}
    for rows in fetched:
        values = [
            _as_text(_array(column), zone if name in instants else None)
            for name, column in zip(columns, zip(*rows, strict=True), strict=True)
        ]
        yield pa.RecordBatch.from_arrays(values, schema=schema_of(columns))


def _array(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # A database without types for its columns may mix them.
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _as_text(column: pa.Array, zone: str | None) -> pa.Array:
    """A column as texts; of instants, times without a zone are read in `zone`."""
    if zone is not None:
        column = _as_instants(column, zone)
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return pc.strftime(pc.cast(column, pa.timestamp("us", "UTC")), format="%Y-%m-%dT%H:%M:%S+00:00")
    if pa.types.is_binary(column.type):
        return pc.cast(column, pa.string())
    return column if pa.types.is_string(column.type) else pc.cast(column, pa.string())


def _as_instants(column: pa.Array, zone: str) -> pa.Array:
    if pa.types.is_string(column.type):
        try:
            column = pc.cast(column, pa.timestamp("us"))
        except pa.ArrowInvalid:
            return column  # texts with a zone, or no times at all: the contract's to judge
    if pa.types.is_timestamp(column.type) and column.type.tz is None:
        # An hour that a clock shows twice is its first one; one that it leaves out, the next there is.
        return pc.assume_timezone(column, zone, ambiguous="earliest", nonexistent="latest")
    return column
