"""Two tables of different engines, compared row by row: exact, but for the scores, which are sums of floats.

Engines answer in types of their own (a BIGINT of Snowflake is a decimal without decimals, a NUMERIC of BigQuery has
nine). Each value is taken to one type that holds it exactly, and never rounded.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

# Likelihoods are summed over cells in whichever order an engine returns them, and a search for their maximum ends where
# it no longer gains: the parameters of two fits on the same cells agree to this share, and what follows from them too.
FLOAT_TOLERANCE = 1e-6
EXACT = pa.decimal128(38, 9)
INSTANT = pa.timestamp("us", tz="UTC")
# When something was done, and by which run: never the same twice.
VOLATILE = ("_window_id", "extracted_at", "fitted_at", "built_at", "_dlt_load_id", "_dlt_id")


@dataclass(frozen=True)
class Difference:
    """Rows of one side that the other lacks; at most a few are shown."""

    table: str
    only_left: list[dict[str, Any]]
    only_right: list[dict[str, Any]]

    def __str__(self) -> str:
        """For the message of a failing test."""
        return f"{self.table}: only left {self.only_left[:3]}, only right {self.only_right[:3]}"


def comparable(table: pa.Table) -> pa.Table:
    """The table without volatile columns, names in order, every value in the one type that holds it exactly."""
    names = sorted(name for name in table.column_names if not name.endswith(VOLATILE))
    return pa.table({name: _exact(table[name]) for name in names})


def _exact(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_floating(kind) or pa.types.is_date(kind):
        return column.cast(pa.float64()) if pa.types.is_floating(kind) else column
    if pa.types.is_integer(kind):
        # The widest integer has 19 digits, and EXACT takes 29 before the point.
        return column.cast(pa.decimal128(19, 0)).cast(EXACT)
    if pa.types.is_decimal(kind):
        return column.cast(EXACT)  # raises when a digit would be lost
    if pa.types.is_timestamp(kind):
        return column.cast(INSTANT) if kind.tz else column.cast(pa.timestamp("us"))
    if pa.types.is_null(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        return column.cast(pa.string())
    return column


def difference(name: str, left: pa.Table, right: pa.Table) -> Difference | None:
    """What tells the tables apart, floats within FLOAT_TOLERANCE; None when nothing does. Columns must be the same."""
    left, right = comparable(left), comparable(right)
    assert left.column_names == right.column_names, f"{name}: {left.column_names} and {right.column_names}"
    floats = [
        column
        for column in left.column_names
        if pa.types.is_floating(left[column].type) or pa.types.is_floating(right[column].type)
    ]
    exact = [column for column in left.column_names if column not in floats]
    rows, others = _rows(left, exact), _rows(right, exact)
    only_left, only_right = list((rows - others).elements()), list((others - rows).elements())
    if only_left or only_right:
        return Difference(name, _named(exact, only_left), _named(exact, only_right))
    return _far_apart(name, left, right, exact, floats)


def _rows(table: pa.Table, columns: list[str]) -> Counter[tuple[Any, ...]]:
    """Rows with how often each occurs: a duplicate on one side is a difference."""
    return Counter(zip(*(table[column].to_pylist() for column in columns), strict=True))


def _named(columns: list[str], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _far_apart(name: str, left: pa.Table, right: pa.Table, exact: list[str], floats: list[str]) -> Difference | None:
    """Rows paired by their exact columns, of which a float is farther apart than tolerated."""
    if not floats:
        return None
    order = [(column, "ascending") for column in (*exact, *floats)]
    left, right = left.sort_by(order), right.sort_by(order)
    apart = pa.array([False] * left.num_rows)
    for column in floats:
        one, other = left[column].cast(pa.float64()), right[column].cast(pa.float64())
        bound = pc.multiply(pc.max_element_wise(pc.abs(one), pc.abs(other)), FLOAT_TOLERANCE)
        beyond = pc.fill_null(pc.greater(pc.abs(pc.subtract(one, other)), bound), fill_value=False)
        half_null = pc.xor(pc.is_null(one), pc.is_null(other))
        apart = pc.or_(apart, pc.or_(beyond, half_null).combine_chunks())
    if not pc.any(apart).as_py():
        return None
    return Difference(name, left.filter(apart).to_pylist(), right.filter(apart).to_pylist())
