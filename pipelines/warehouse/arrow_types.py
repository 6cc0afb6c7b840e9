"""Arrow tables made ready for a warehouse: types it has, or a sentence that names the column it cannot hold."""

import pyarrow as pa

from pipelines.failures import WarehouseError, first_line

# The digits that Snowflake, and DuckDB, keep of a number.
MOST_DIGITS = 38


def storable(data: pa.Table, table: str, engine: str, most_digits: int = MOST_DIGITS) -> pa.Table:
    """The same rows in types that Snowflake and BigQuery load from Parquet; `table` is named when one cannot be.

    Instants are in UTC to the microsecond, integers 64 bits wide, texts of one kind.
    """
    fields, columns = [], []
    for field, column in zip(data.schema, data.columns, strict=True):
        made = _storable(column, field, table, engine, most_digits)
        fields.append(pa.field(field.name, made.type))
        columns.append(made)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _storable(column: pa.ChunkedArray, field: pa.Field, table: str, engine: str, most_digits: int) -> pa.ChunkedArray:
    kind = field.type
    if pa.types.is_dictionary(kind):
        return _storable(column.cast(kind.value_type), field.with_type(kind.value_type), table, engine, most_digits)
    if pa.types.is_nested(kind):
        raise _refused(field, table, engine, "is nested; give its parts columns of their own, or store it as JSON text")
    if pa.types.is_duration(kind) or pa.types.is_interval(kind):
        raise _refused(field, table, engine, "is a span of time; store it as a number of seconds")
    wanted = _wanted(kind)
    if pa.types.is_decimal(kind) and (kind.precision > most_digits or kind.precision - kind.scale > MOST_DIGITS):
        wanted = pa.decimal128(MOST_DIGITS, min(kind.scale, MOST_DIGITS))
    try:
        return column.cast(wanted)
    except pa.ArrowInvalid as error:
        raise _refused(field, table, engine, f"does not fit into {wanted} ({first_line(error)})") from None


def _wanted(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", "UTC" if kind.tz else None)
    if pa.types.is_time(kind):
        return pa.time64("us")
    if pa.types.is_date(kind):
        return pa.date32()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    return kind


def _refused(field: pa.Field, table: str, engine: str, why: str) -> WarehouseError:
    return WarehouseError(
        f"Column {field.name} of {table} cannot be stored in {engine}: its type {field.type} {why}. "
        f"Nothing was written."
    )
