"""Rows as Snowflake's client brings them, turned into what a `Session` promises."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipelines.warehouse.arrow_types import MOST_DIGITS

# Numbers by which the client names the types of a result.
_FIXED, _REAL, _DATE, _LTZ, _TZ, _NTZ, _BINARY, _TIME, _BOOLEAN = 0, 1, 3, 6, 7, 8, 11, 12, 13
_TYPES = {
    _REAL: pa.float64(),
    _DATE: pa.date32(),
    _LTZ: pa.timestamp("us", "UTC"),
    _TZ: pa.timestamp("us", "UTC"),
    _NTZ: pa.timestamp("us"),
    _BINARY: pa.binary(),
    _TIME: pa.time64("us"),
    _BOOLEAN: pa.bool_(),
}


def names(description: Sequence[Any]) -> list[str]:
    """Names of the columns. Snowflake's own case is the upper one, the platform's the lower."""
    return [column.name.lower() for column in description]


def tuples(found: Sequence[Sequence[Any]], description: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows with instants in UTC, whole numbers as int and others as Decimal."""
    instants = [place for place, column in enumerate(description) if column.type_code in (_LTZ, _TZ)]
    if not instants:
        return [tuple(row) for row in found]
    rows = [list(row) for row in found]
    for row in rows:
        for place in instants:
            row[place] = _in_utc(row[place])
    return [tuple(row) for row in rows]


def typed(table: pa.Table | None, description: Sequence[Any]) -> pa.Table:
    """An Arrow table of the types that the result declares, whatever its parts were encoded as.

    A whole number is int64 unless one does not fit, then decimal(38, 0): Snowflake has one type for both.
    """
    columns = []
    for place, column in enumerate(description):
        data = pa.chunked_array([pa.nulls(0)]) if table is None else table.column(place)
        columns.append(_cast(data, column))
    return pa.Table.from_arrays(columns, names=names(description))


def _cast(data: pa.ChunkedArray, column: Any) -> pa.ChunkedArray:
    if column.type_code != _FIXED:
        return data.cast(_TYPES.get(column.type_code, pa.string()))
    if column.scale:
        return data.cast(pa.decimal128(column.precision or MOST_DIGITS, column.scale))
    try:
        return data.cast(pa.int64())
    except pa.ArrowInvalid:
        return data.cast(pa.decimal128(MOST_DIGITS, 0))


def _in_utc(value: datetime | Decimal | None) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
