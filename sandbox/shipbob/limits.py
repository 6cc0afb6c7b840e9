"""ShipBob's limit: so many calls in any minute, for a user and an application together."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

CALLS = 150
WINDOW = 60.0


class SlidingWindow:
    """Calls of the last minute."""

    def __init__(self, calls: int = CALLS, window: float = WINDOW, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with none. `window` is in seconds."""
        self._calls, self._window, self._clock = calls, window, clock
        self._made: deque[float] = deque()
        self._lock = threading.Lock()

    def take(self) -> tuple[bool, int, int]:
        """Ask for a call: whether it may go, how many are left, and after how many seconds the next may go."""
        with self._lock:
            now = self._clock()
            while self._made and self._made[0] <= now - self._window:
                self._made.popleft()
            if len(self._made) >= self._calls:
                return False, 0, max(1, int(self._made[0] + self._window - now) + 1)
            self._made.append(now)
            return True, self._calls - len(self._made), 0
