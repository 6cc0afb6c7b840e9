"""Values that fakesnow 0.12.1 loses on their way in or out, and temporary tables that its COPY INTO does not find.

Runs in the emulator's own environment.
"""

from decimal import Decimal
from typing import Any

import duckdb
import fakesnow.arrow
import fakesnow.copy_into
import fakesnow.server
import pyarrow as pa


def bound_values_may_be_null_or_have_decimals() -> None:
    """A binding of type FIXED may be '12.50', and one of any type null: the emulator takes whole numbers only."""
    bound = fakesnow.server.from_binding

    def from_binding(binding: dict[str, Any]) -> Any:
        value = binding["value"]
        if value is None:
            return None
        if binding["type"] == "FIXED" and not value.lstrip("+-").isdigit():
            return Decimal(value)
        return bound(binding)

    fakesnow.server.from_binding = from_binding


def missing_instants_are_null() -> None:
    """A null timestamp comes back as the first of January 1970: its parts are null, and the whole is not."""
    made = fakesnow.arrow.timestamp_to_sf_struct

    def with_nulls(column: Any) -> Any:
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        parts = made(column.fill_null(pa.scalar(0, pa.int64()).cast(column.type)))
        children = [parts.field(place) for place in range(parts.type.num_fields)]
        return pa.StructArray.from_arrays(children, fields=list(parts.type), mask=column.is_null())

    fakesnow.arrow.timestamp_to_sf_struct = with_nulls


def temporary_tables_can_be_copied_into() -> None:
    """`copy into "KEYS" from '@"%KEYS"'` of a temporary table: DuckDB keeps those in a catalogue of their own."""
    describe = fakesnow.copy_into._describe_table

    def described(table: Any, connection: Any, database: str, schema: str) -> Any:
        if not table.db:
            try:
                found = connection.execute(f'describe temp.main."{table.name}"').fetchall()
                return [(row[0], row[1]) for row in found]
            except duckdb.Error:
                pass
        return describe(table, connection, database, schema)

    fakesnow.copy_into._describe_table = described


def apply() -> None:
    """Put all in place."""
    bound_values_may_be_null_or_have_decimals()
    missing_instants_are_null()
    temporary_tables_can_be_copied_into()
