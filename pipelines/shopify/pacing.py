"""Waits before a request instead of running into the limit.

Shopify gives each app and shop a bucket of points: a request needs its *requested* cost in the bucket to start, the
part not used comes back when it ends, and the bucket refills steadily. `Bucket` is a model of that bucket as it will be
when everything already sent has arrived; `Pacer` hands out its points in the order of asking.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.intake.clock import Clock
from pipelines.shopify.replies import Cost, Throttle

# While a caller waits for points, those given back by finished requests may come sooner than the refill.
LONGEST_NAP_SECONDS = 0.1
SHORTEST_NAP_SECONDS = 0.001  # waits of a rounding error would never end
PROBE_NAP_SECONDS = 0.005
# Assumed for the first request of an operation; it goes out alone, and its reply tells the true figure.
UNKNOWN_COST = 50.0


@dataclass
class Reservation:
    """Points taken for one request that is under way."""

    key: "CostKey"
    points: float
    sent_at: float
    unseen_before: float
    spent_before: float


class Bucket:
    """Model of the server's bucket. All times are seconds of one steady clock, passed in by the caller.

    `level` never exceeds what the server will still have once every request sent has arrived: points are taken when a
    request is sent (earlier than the server takes them) and given back when its reply is read (later than the server
    gives them back). Each reply corrects the model, so that other users of the same bucket are noticed.
    """

    def __init__(self, now: float) -> None:
        """An unknown bucket; the first reply tells size, content and refill."""
        self.known = False
        self.maximum = 0.0
        self.rate = 0.0
        self.level = 0.0
        self.in_flight = 0.0
        self._spent = 0.0
        self._at = now

    def wait(self, points: float, now: float) -> float:
        """Seconds until so many points are there; 0 when they are. More than the bucket holds waits for a full one."""
        self._refill(now)
        missing = min(points, self.maximum) - self.level
        return missing / self.rate if missing > 0 and self.rate > 0 else max(0.0, missing)

    def take(self, key: "CostKey", points: float, now: float) -> Reservation:
        """Take points for a request that is sent now."""
        self._refill(now)
        reservation = Reservation(key, points, now, self.in_flight, self._spent)
        self.level -= points
        self.in_flight += points
        self._spent += points
        return reservation

    def settle(self, reservation: Reservation, cost: Cost | None, throttle: Throttle | None, now: float) -> None:
        """The request ended. Without a cost (connection lost, HTTP 5xx) its points count as spent."""
        self._refill(now)
        self.in_flight -= reservation.points
        if cost is not None:
            self.level += reservation.points - (cost.actual or 0.0)
        if throttle is not None:
            # Points that came in since the server looked; none are assumed after a refusal, which shows that the model
            # was too hopeful.
            ran = cost is not None and cost.actual is not None
            self._correct(reservation, throttle, (now - reservation.sent_at) * throttle.restore_rate if ran else 0.0)

    def _correct(self, reservation: Reservation, throttle: Throttle, refilled: float) -> None:
        self.maximum, self.rate = throttle.maximum_available, throttle.restore_rate
        if not self.known:
            self.known, self.level = True, throttle.currently_available - self.in_flight
            return
        # Requests under way at the same time as this one may not be deducted yet from what the server reported.
        unseen = reservation.unseen_before + self._spent - reservation.spent_before - reservation.points
        lowest, highest = throttle.currently_available - unseen, throttle.currently_available + refilled
        self.level = min(max(self.level, lowest), highest)

    def _refill(self, now: float) -> None:
        self.level = min(self.maximum, self.level + (now - self._at) * self.rate) if self.known else self.level
        self._at = now


@dataclass(frozen=True)
class CostKey:
    """What the requested cost depends on: the text, and the sizes that the variables give to pages and lists."""

    document: str
    sizes: tuple[int, ...]


def cost_key(document: str, variables: Mapping[str, Any]) -> CostKey:
    """The key under which the cost of this request is remembered."""
    sizes = (len(value) if isinstance(value, list) else value for value in variables.values())
    return CostKey(document, tuple(size for size in sizes if type(size) is int))


class Pacer:
    """Hands out points of one shop's bucket in the order of asking. For many concurrent callers of one event loop."""

    def __init__(self, clock: Clock) -> None:
        """Start with an unknown bucket and unknown costs."""
        self._clock = clock
        self._bucket = Bucket(clock.now())
        self._turn = asyncio.Lock()  # wakes waiters in the order of their coming
        self._costs: dict[CostKey, float] = {}
        self._dearest: dict[str, float] = {}
        self._probed: set[str] = set()
        self._under_way = 0

    async def reserve(self, key: CostKey) -> Reservation:
        """Wait for this caller's turn and for the points of its request, and take them."""
        async with self._turn:
            while True:
                points = self._expected(key)
                nap = self._nap(key, points)
                if nap <= 0:
                    break
                await self._clock.sleep(min(max(nap, SHORTEST_NAP_SECONDS), LONGEST_NAP_SECONDS))
            if points is None:
                self._probed.add(key.document)
            self._under_way += 1
            return self._bucket.take(key, UNKNOWN_COST if points is None else points, self._clock.now())

    def settle(self, reservation: Reservation, cost: Cost | None, throttle: Throttle | None) -> None:
        """Report how a request ended; must be called once for each reservation."""
        self._under_way -= 1
        document = reservation.key.document
        self._probed.discard(document)
        if cost is not None:
            self._costs[reservation.key] = cost.requested
            self._dearest[document] = max(cost.requested, self._dearest.get(document, 0.0))
        self._bucket.settle(reservation, cost, throttle, self._clock.now())

    def _expected(self, key: CostKey) -> float | None:
        return self._costs.get(key, self._dearest.get(key.document))

    def _nap(self, key: CostKey, points: float | None) -> float:
        if not self._bucket.known:
            # The first request of all goes out alone; should its reply tell nothing, the next one does.
            return PROBE_NAP_SECONDS if self._under_way else 0.0
        if points is None and key.document in self._probed:
            return PROBE_NAP_SECONDS
        return self._bucket.wait(UNKNOWN_COST if points is None else points, self._clock.now())
