"""What a reading of a warehouse's clock means, also where the clock is changed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.threepl.zones import iana_zone, instant, instant_of_text

# Summer time of both halves of the earth, of half an hour, and none at all.
ZONES = ("Europe/Berlin", "America/New_York", "America/Los_Angeles", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC")
READINGS = st.datetimes(datetime.fromisoformat("2005-01-01"), datetime.fromisoformat("2025-12-31"))
# Hours around the changes of the clock, which a search at random would hardly find.
CHANGED = (
    "2025-03-30",
    "2025-10-26",
    "2025-03-09",
    "2025-11-02",
    "2025-04-06",
    "2025-10-05",
    "2017-10-15",
    "2018-02-17",
)
CHANGES = st.builds(
    lambda day, minutes: datetime.fromisoformat(day) + timedelta(minutes=minutes),
    st.sampled_from(CHANGED),
    st.integers(0, 26 * 60),
)


def instants(readings: list[tuple[str, datetime]]) -> list[datetime]:
    """What the SQL makes of readings, all at once."""
    table = pa.table(
        {
            "n": range(len(readings)),
            "zone": [zone for zone, _ in readings],
            "reading": pa.array([reading for _, reading in readings], pa.timestamp("us")),
        }
    )
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("readings", table)
        found = connection.execute(f"select {instant('reading', 'zone')} from readings order by n").fetchall()
    return [at for (at,) in found]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ZONES), READINGS | CHANGES), min_size=1, max_size=200))
def test_a_reading_is_the_first_instant_that_shows_it_or_lies_as_far_behind_the_gap(
    readings: list[tuple[str, datetime]],
) -> None:
    assert instants(readings) == [
        reading.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC) for zone, reading in readings
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-25 02:30:00", "2026-10-25 00:30:00+00"),  # shown twice: the first
        ("2026-03-29 02:30", "2026-03-29 01:30:00+00"),  # never shown: an hour behind the change, at 03:30
        ("2026-11-23T06:00:00+05:30", "2026-11-23 00:30:00+00"),
        ("2026-11-23T06:00:00Z", "2026-11-23 06:00:00+00"),
        ("2026-11-23", "2026-11-23 22:59:59+00"),  # a day: its last second
        ("23/11/26 06:00", None),
        ("2026-11-23 06:00 QST", None),
        ("soon", None),
    ],
)
def test_a_text_means_an_instant_or_nothing(text: str, expected: str | None) -> None:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        meant = instant_of_text("said", "'Europe/Berlin'")
        found = connection.execute(f"select cast({meant} as varchar) from (select ? as said)", [text]).fetchone()
    assert found == (expected,)


def test_windows_names_of_zones_are_known_and_others_are_not() -> None:
    assert iana_zone("Pacific Standard Time") == "America/Los_Angeles"
    assert iana_zone("W. Europe Standard Time") == "Europe/Berlin"
    assert iana_zone("Quidditch Standard Time") is None
