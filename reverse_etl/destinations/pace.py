"""A rate of requests that is kept on our side, over all shops and threads of this process."""

import threading
from functools import cache

from pipelines.intake.clock import Clock, SystemClock


class Pace:
    """Requests at even distances. No burst: a receiver that counts by the second sees the rate and never more."""

    def __init__(self, per_second: float, clock: Clock | None = None) -> None:
        """The first request goes at once."""
        self.clock = clock or SystemClock()
        self._distance = 1.0 / per_second
        self._next = float("-inf")
        self._lock = threading.Lock()

    async def turn(self) -> None:
        """Wait until the next request may go."""
        while (wait := self._take()) > 0:
            await self.clock.sleep(wait)

    def hold(self, seconds: float) -> None:
        """Let nobody go for so long: the receiver asked for it."""
        with self._lock:
            self._next = max(self._next, self.clock.now() + seconds)

    def _take(self) -> float:
        """0 for a turn that is taken, else the seconds until the next one."""
        with self._lock:
            now = self.clock.now()
            if now < self._next:
                return self._next - now
            self._next = now + self._distance
            return 0.0


@cache
def shared_pace(url: str, per_second: float) -> Pace:
    """The pace of an address: shops are delivered to at the same time, and the limit is the receiver's."""
    del url
    return Pace(per_second)
