"""Time as the network code sees it: readable and skippable, so that a test of a 20-minute back-off takes no time."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """A steady clock in seconds, and a way to wait on it."""

    def now(self) -> float:
        """Seconds since an arbitrary start; never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only gives way to other tasks."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Seconds of the monotonic clock."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(max(0.0, seconds))
