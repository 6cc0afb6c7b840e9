"""Values on their way to BigQuery and back: parameters, small appends, results."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.warehouse.dialect_rules import NUMERIC_SCALE, NUMERIC_WHOLE_DIGITS

if TYPE_CHECKING:
    from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter, SchemaField

# Of BIGNUMERIC, half of them behind the point.
MOST_DIGITS = 76
# A request may have ten million bytes, and the text of JSON is escaped once more on its way.
MOST_BYTES_OF_ROWS = 3_000_000
_ARROW = {
    "INTEGER": pa.int64(),
    "FLOAT": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "STRING": pa.string(),
    "BYTES": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "DATETIME": pa.timestamp("us"),
    "TIMESTAMP": pa.timestamp("us", "UTC"),
    "NUMERIC": pa.decimal128(NUMERIC_WHOLE_DIGITS + NUMERIC_SCALE, NUMERIC_SCALE),
    "BIGNUMERIC": pa.decimal256(MOST_DIGITS, MOST_DIGITS // 2),
}
_SQL_NAMES = {"INTEGER": "int64", "FLOAT": "float64", "BOOLEAN": "bool"}


def parameter(value: Any) -> "ScalarQueryParameter | ArrayQueryParameter":
    """A value with the type that BigQuery has to be told."""
    from google.cloud.bigquery import ArrayQueryParameter, ScalarQueryParameter

    if isinstance(value, list | tuple | set | frozenset):
        values = list(value)
        return ArrayQueryParameter(None, "INT64" if isinstance(values[0], int) else "STRING", values)
    return ScalarQueryParameter(None, _type_of(value), value)


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOL"
    if isinstance(value, int):
        return "INT64"
    if isinstance(value, float):
        return "FLOAT64"
    if isinstance(value, Decimal):
        sign_digits = value.as_tuple()
        scale = max(0, -int(sign_digits.exponent))
        fits = scale <= NUMERIC_SCALE and len(sign_digits.digits) - scale <= NUMERIC_WHOLE_DIGITS
        return "NUMERIC" if fits else "BIGNUMERIC"
    if isinstance(value, datetime):
        return "DATETIME" if value.tzinfo is None else "TIMESTAMP"
    if isinstance(value, date):
        return "DATE"
    return "BYTES" if isinstance(value, bytes) else "STRING"


def arranged(data: pa.Table, fields: "Sequence[SchemaField]") -> pa.Table:
    """The rows with every column of the table, in its order and its types: a load then cannot mistake one.

    Raises pyarrow.ArrowInvalid when a value does not fit.
    """
    columns = []
    for field in fields:
        kind = _ARROW.get(field.field_type, pa.string())
        given = field.name in data.column_names
        columns.append(data[field.name].cast(kind) if given else pa.chunked_array([pa.nulls(data.num_rows, kind)]))
    return pa.Table.from_arrays(columns, names=[field.name for field in fields])


def insertion(target: str, fields: "Sequence[SchemaField]") -> str:
    """A statement that inserts rows handed over as the text of a JSON array of arrays, `?`."""
    names = ", ".join(f"`{field.name}`" for field in fields)
    values = ", ".join(_value(place, field.field_type) for place, field in enumerate(fields))
    return f"insert into {target} ({names}) select {values} from unnest(json_query_array(?)) as r"


def _value(place: int, kind: str) -> str:
    text = f"json_value(r, '$[{place}]')"
    if kind == "STRING":
        return text
    if kind == "BYTES":
        return f"from_hex({text})"
    return f"cast({text} as {_SQL_NAMES.get(kind, kind.lower())})"


def texts(data: pa.Table) -> Iterator[str]:
    """The rows as JSON arrays of arrays of texts, each short enough for one request."""
    columns = [_as_texts(column).to_pylist() for column in data.columns]
    rows: list[str] = []
    size = 0
    for row in zip(*columns, strict=True):
        text = json.dumps(row, ensure_ascii=False)
        if rows and size + len(text) > MOST_BYTES_OF_ROWS:
            yield "[" + ",".join(rows) + "]"
            rows, size = [], 0
        rows.append(text)
        size += len(text)
    if rows:
        yield "[" + ",".join(rows) + "]"


def _as_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_string(column.type):
        return column
    if pa.types.is_binary(column.type):
        return pa.chunked_array([pa.array([None if v is None else v.hex() for v in column.to_pylist()], pa.string())])
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, "%Y-%m-%d %H:%M:%S+00:00" if column.type.tz else "%Y-%m-%d %H:%M:%S")
    return column.cast(pa.string())


def plain(table: pa.Table) -> pa.Table:
    """A result without the marks that BigQuery's client puts on columns."""
    return pa.Table.from_arrays(table.columns, names=[name.lower() for name in table.column_names])
