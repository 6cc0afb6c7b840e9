"""Measures what the lanes of one run cost, by shop and action, and knows what they cost in runs before."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from reverse_etl.destinations.base import Destination
from reverse_etl.ledger.costs import LaneCost
from reverse_etl.ledger.rows import Action

# So many answers until what a call costs in this run is believed.
FEWEST_CALLS = 10


@dataclass
class Tally:
    """Work that is under way, or done; seconds come when it ends."""

    calls: int = 0
    rows: int = 0
    seconds: float = 0.0
    restore_rate: float | None = None
    _points: float = 0.0
    _under_way: tuple[Destination, float] | None = None

    @property
    def points(self) -> float:
        """Points used so far."""
        if self._under_way is None:
            return self._points
        destination, before = self._under_way
        return self._points + destination.points - before

    @contextmanager
    def running(self, destination: Destination) -> Iterator[None]:
        """Count the destination's points and the seconds meanwhile."""
        self._under_way, began = (destination, destination.points), time.monotonic()
        try:
            yield
        finally:
            self._points, self._under_way = self.points, None
            self.seconds += time.monotonic() - began
            self.restore_rate = destination.restore_rate

    def add(self, calls: int, rows: int) -> None:
        """So many calls have their answer."""
        self.calls += calls
        self.rows += rows


class Measures:
    """What one run costs, its canary and its rest together. Each action of a shop is sent alone: nothing overlaps."""

    def __init__(self, before: Sequence[LaneCost] = ()) -> None:
        """`before` are the last measurements of earlier runs, newest first."""
        self._before = before
        self._tallies: dict[tuple[str, Action, str], Tally] = {}

    @contextmanager
    def measuring(self, destination: Destination, shop: str, action: Action, lane: str) -> Iterator[Tally]:
        """Measure a lane until it ends, also when it fails; a lane that is entered again goes on counting."""
        tally = self._tallies.setdefault((shop, action, lane), Tally())
        with tally.running(destination):
            yield tally

    def done(self) -> list[LaneCost]:
        """What this run has measured; work of which nothing was answered is none."""
        return [
            LaneCost(shop, action, lane, one.calls, one.rows, one.points, one.seconds, one.restore_rate)
            for (shop, action, lane), one in self._tallies.items()
            if one.rows
        ]

    def of(self, shop: str, action: Action, lane: str) -> list[LaneCost]:
        """Measurements of one lane, newest first: this run's own, then those before.

        What the paced lane sends after a bulk operation of this run is none: it is what was refused.
        """
        own = [] if lane == "paced" and self._has_rows(shop, action, "bulk") else self.done()
        return [one for one in (*own, *self._before) if (one.shop, one.action, one.lane) == (shop, action, lane)]

    def points_per_call(self, shop: str, action: Action) -> float | None:
        """What a call of the paced lane costs: in this run, else in those before; None when neither knows."""
        own = self._tallies.get((shop, action, "paced"))
        if own is not None and own.calls >= FEWEST_CALLS and own.points:
            return own.points / own.calls
        before = (one for one in self._before if (one.shop, one.action, one.lane) == (shop, action, "paced"))
        costs = [one.points / one.calls for one in before if one.calls and one.points]
        return median(costs) if costs else None

    def restore_rate(self, shop: str) -> float | None:
        """Points a second of the shop as they were observed last, whatever was sent."""
        known = (one.restore_rate for one in (*self.done(), *self._before) if one.shop == shop and one.restore_rate)
        return next(known, None)

    def _has_rows(self, shop: str, action: Action, lane: str) -> bool:
        tally = self._tallies.get((shop, action, lane))
        return tally is not None and tally.rows > 0
