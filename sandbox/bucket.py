"""The leaky bucket of an app on a shop: cost-based, restored by the clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any


class Bucket:
    """Points at hand; a request takes what it asked for and gets back what it did not use."""

    def __init__(self, size: int, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Start full. `rate` is points a second."""
        self.size, self.rate = size, rate
        self._clock = clock
        self._points = float(size)
        self._at = clock()
        self._lock = threading.Lock()

    def take(self, points: int) -> bool:
        """Take the points if they are there."""
        with self._lock:
            self._restore()
            if points > self._points:
                return False
            self._points -= points
            return True

    def give_back(self, points: int) -> None:
        """Return points that were not used."""
        with self._lock:
            self._restore()
            self._points = min(float(self.size), self._points + points)

    def status(self) -> dict[str, Any]:
        """Return `throttleStatus`."""
        with self._lock:
            self._restore()
            return {
                "maximumAvailable": float(self.size),
                "currentlyAvailable": int(self._points),
                "restoreRate": float(self.rate),
            }

    def _restore(self) -> None:
        now = self._clock()
        self._points = min(float(self.size), self._points + (now - self._at) * self.rate)
        self._at = now
