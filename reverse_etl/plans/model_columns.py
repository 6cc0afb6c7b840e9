"""Can the model serve the sync? Each column that it reads is there, and of a type that its metafield can be made of.

Asked of the warehouse's own schema, before any SQL runs over values: an engine would refuse a wrong type in its own
words, or turn it silently into something else.
"""

from collections.abc import Callable, Iterator

import pyarrow as pa

from pipelines.failures import DeliveryError
from pipelines.warehouse import Session
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.values import MEASUREMENT_TYPES

Fits = Callable[[pa.DataType], bool]


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_whole(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0))


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _is_day(kind: pa.DataType) -> bool:
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind))


_NUMBERS = ("number_integer", "number_decimal", "money", "rating", *MEASUREMENT_TYPES)


def require_model(session: Session, sync: Sync) -> list[str]:
    """Names of the model's floating-point columns; raises DeliveryError when the model cannot serve the sync."""
    if not session.exists(sync.model):
        raise DeliveryError(
            f"Sync '{sync.name}' reads model {sync.model}, which is not in the warehouse; build the models first."
        )
    schema = session.arrow(f"select * from {sync.model} where 1 = 0").schema
    present = schema.names
    missing = [column for column in ("shop", sync.key, *sync.read_columns) if column not in present]
    if missing:
        raise DeliveryError(
            f"Sync '{sync.name}' needs column {missing[0]} of model {sync.model}, which has only {', '.join(present)}; "
            f"correct the sync file or the model."
        )
    for column, purpose, wanted, fits in _needs(sync):
        kind = schema.field(column).type
        if not fits(kind):
            raise DeliveryError(
                f"Column {column} of model {sync.model} is of type {kind}, and {purpose} of sync '{sync.name}' needs "
                f"{wanted}; nothing was planned. Cast it in the model, or correct the sync file."
            )
    return [column.name for column in schema if pa.types.is_floating(column.type)]


def _needs(sync: Sync) -> Iterator[tuple[str, str, str, Fits]]:
    """Column, what it is for, and what it must be, in words and as a test."""
    yield sync.key, "the key", "a whole number", _is_whole
    if sync.consent and sync.consent.column:
        yield sync.consent.column, "consent", "a boolean", pa.types.is_boolean
    for field in sync.metafields:
        purpose = f"metafield {field.namespace}.{field.key} ({field.type})"
        if field.type == "boolean":
            yield field.column, purpose, "a boolean", pa.types.is_boolean
        elif field.type in _NUMBERS:
            yield field.column, purpose, "a number", _is_number
        elif field.type in ("date", "date_time"):
            yield field.column, purpose, "a date or a timestamp", _is_day
        else:
            yield field.column, purpose, "text", _is_text
        if field.currency_column:
            yield field.currency_column, f"the currency of {purpose}", "text", _is_text
