"""The sandbox's clock."""

import time
from datetime import UTC, datetime, timedelta

from sandbox.clock import Clock

BASE = datetime(2026, 11, 18, 12, tzinfo=UTC)


def test_a_clock_ticks_from_where_the_history_ends_and_the_lead_it_was_left_with() -> None:
    clock = Clock(BASE, 60.0)
    time.sleep(0.002)
    assert clock.now() > BASE + timedelta(seconds=60)


def test_a_frozen_clock_moves_only_with_the_world() -> None:
    clock = Clock(BASE, 60.0, frozen=True)
    time.sleep(0.002)
    assert clock.now() == BASE + timedelta(seconds=60)
    clock.move(BASE + timedelta(days=1))
    assert clock.now() == BASE + timedelta(days=1, seconds=60)
