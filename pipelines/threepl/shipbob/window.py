"""ShipBob's limit: 150 calls in any minute, counted over all endpoints and all programs of a user together."""

import asyncio
from collections import deque

from pipelines.intake.clock import Clock

MINUTE = 60.0


class SlidingWindow:
    """Hands out calls in the order of asking, never more than so many within any minute."""

    def __init__(self, calls: int, clock: Clock) -> None:
        """`calls` a minute; the limit itself is no good, for clocks and lines differ by moments."""
        self._calls = calls
        self._clock = clock
        self._made: deque[float] = deque()
        self._turn = asyncio.Lock()
        self._not_before = 0.0

    async def take(self) -> None:
        """Wait until a call may be made, and count it."""
        async with self._turn:
            while (wait := self._wait()) > 0:
                await self._clock.sleep(wait)
            self._made.append(self._clock.now())

    def hold(self, seconds: float) -> None:
        """The server asks everybody to wait: others use the same limit."""
        self._not_before = max(self._not_before, self._clock.now() + seconds)

    def _wait(self) -> float:
        now = self._clock.now()
        while self._made and self._made[0] <= now - MINUTE:
            self._made.popleft()
        full = self._made[0] + MINUTE - now if len(self._made) >= self._calls else 0.0
        return max(full, self._not_before - now)
