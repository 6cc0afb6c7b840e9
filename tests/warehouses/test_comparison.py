"""The comparison itself: what it takes for the same, and what not."""

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest

from tests.warehouses.comparison import difference

ROWS = {"id": [1, 2], "amount": [Decimal("1.10"), None], "at": [datetime(2026, 1, 1, tzinfo=UTC)] * 2, "p": [0.5, 0.25]}
TYPES = pa.schema(
    {"id": pa.int64(), "amount": pa.decimal128(12, 2), "at": pa.timestamp("ms", tz="UTC"), "p": pa.float64()}
)
OTHER_TYPES = pa.schema(
    {"p": pa.float64(), "amount": pa.decimal128(38, 9), "id": pa.decimal128(38, 0), "at": pa.timestamp("us", tz="UTC")}
)


def changed(column: str, values: list[object]) -> pa.Table:
    return pa.table({name: ROWS[name] for name in OTHER_TYPES.names} | {column: values}, schema=OTHER_TYPES)


def test_the_same_values_in_types_of_different_engines_are_the_same() -> None:
    left = pa.table(ROWS, schema=TYPES)
    assert difference("t", left, pa.table({name: ROWS[name] for name in OTHER_TYPES.names}, schema=OTHER_TYPES)) is None


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("id", [1, 3]),
        ("amount", [Decimal("1.100000001"), None]),
        ("amount", [Decimal("1.10"), Decimal(0)]),
        ("at", [datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]),
        ("p", [0.5, 0.25001]),
        ("p", [0.5, None]),
    ],
)
def test_a_value_that_differs_is_found(column: str, values: list[object]) -> None:
    found = difference("t", pa.table(ROWS, schema=TYPES), changed(column, values))
    assert found is not None
    assert len(found.only_left) == len(found.only_right) == 1


def test_the_order_of_rows_does_not_matter_but_a_duplicate_does() -> None:
    left = pa.table(ROWS, schema=TYPES)
    assert difference("t", left, left.take([1, 0])) is None
    assert difference("t", left, left.take([0, 1, 1])) is not None


def test_a_float_may_differ_by_a_rounding() -> None:
    assert difference("t", pa.table(ROWS, schema=TYPES), changed("p", [0.5 + 1e-12, 0.25])) is None
