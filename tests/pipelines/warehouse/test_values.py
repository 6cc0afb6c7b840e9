"""Whatever a column can hold comes back unchanged, on each engine and by each way in."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pipelines.warehouse import Session
from tests.pipelines.warehouse.test_sessions import INSERT, NAMES
from tests.pipelines.warehouse.things import TYPES

# What all three hold: instants to the microsecond from the year 1700 to 2200 (Arrow's nanoseconds end in 2262).
FIRST, LAST = datetime(1700, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001 - readings of a clock
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)


def decimals(digits: int, places: int) -> st.SearchStrategy[Decimal]:
    """Numbers with as many digits as the type has."""
    largest = 10**digits - 1
    return st.integers(-largest, largest).map(lambda number: Decimal(f"{number}E-{places}"))


def without_fold(moment: datetime) -> datetime:
    """A moment without Python's mark for an hour that a clock shows twice."""
    return moment.replace(fold=0)


def perhaps(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A value or a null."""
    return st.none() | values


ROWS = st.tuples(
    perhaps(st.integers(-(2**63), 2**63 - 1)),
    perhaps(TEXTS),
    perhaps(decimals(38, 10)),
    perhaps(decimals(18, 4)),
    perhaps(st.datetimes(FIRST, LAST, timezones=ZONES, allow_imaginary=False).map(without_fold)),
    perhaps(st.datetimes(FIRST, LAST).map(without_fold)),
    perhaps(st.dates(date(1, 1, 1), date(9999, 12, 31))),
    perhaps(st.booleans()),
    perhaps(st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)),
)
# Each example is a few round trips; one that fails is small enough to be read as it is.
MODERATE = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def in_order(rows: Sequence[tuple[Any, ...]]) -> list[str]:
    """Rows in an order of their own, instants in UTC, numbers without regard to their zeros at the end."""

    def said(value: Any) -> str:
        if isinstance(value, datetime) and value.tzinfo:
            return value.astimezone(UTC).replace(tzinfo=UTC).isoformat()
        return str(Fraction(value)) if isinstance(value, Decimal) else repr(value)

    return sorted(" | ".join(said(value) for value in row) for row in rows)


@MODERATE
@given(rows=st.lists(ROWS, min_size=1, max_size=8))
def test_appended_values_come_back(session: Session, rows: list[tuple[Any, ...]]) -> None:
    session.execute("delete from ops.things where true")
    columns = [pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), TYPES, strict=True)]
    session.append("ops.things", pa.table(columns, names=list(NAMES)))
    assert in_order(session.rows("select * from ops.things")) == in_order(rows)
    assert in_order([tuple(row.values()) for row in session.arrow("select * from ops.things").to_pylist()])


@MODERATE
@given(row=ROWS)
def test_bound_values_come_back(session: Session, row: tuple[Any, ...]) -> None:
    session.execute("delete from ops.things where true")
    session.execute(INSERT, row)
    assert in_order(session.rows("select * from ops.things")) == in_order([row])


@MODERATE
@given(texts=st.lists(TEXTS, max_size=6), others=st.lists(TEXTS, max_size=3))
def test_listed_texts_find_themselves_and_no_others(session: Session, texts: list[str], others: list[str]) -> None:
    session.execute("delete from ops.things where true")
    session.append("ops.things", pa.table({"name": pa.array([*texts, *others], pa.string())}))
    found = session.rows("select name from ops.things where name in (select unnest(?))", (texts,))
    assert sorted(name for (name,) in found) == sorted(name for name in [*texts, *others] if name in texts)
