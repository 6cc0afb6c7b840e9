"""Collects outcomes while they come and writes them to the ledger in batches: every second, or every few thousand."""

import asyncio
from collections.abc import Sequence

from reverse_etl.ledger import Ledger
from reverse_etl.rows import Outcome

FLUSH_SECONDS = 1.0
FLUSH_ROWS = 5_000
HEARTBEAT_SECONDS = 20.0


class Recorder:
    """Between the senders and the ledger. What is not flushed when the process dies is in doubt, never lost."""

    def __init__(self, ledger: Ledger) -> None:
        """Start empty."""
        self._ledger = ledger
        self._waiting: list[Outcome] = []
        self._flushing = asyncio.Lock()

    async def add(self, outcomes: Sequence[Outcome]) -> None:
        """Take outcomes; writes them when enough have come together."""
        self._waiting.extend(outcomes)
        if len(self._waiting) >= FLUSH_ROWS:
            await self.flush()

    async def flush(self) -> None:
        """Write what is waiting."""
        async with self._flushing:
            taken, self._waiting = self._waiting, []
            if not taken:
                return
            await asyncio.to_thread(self._ledger.record, taken)

    async def keep_time(self) -> None:
        """Flush every second and show a sign of life when there is nothing to flush; runs until cancelled."""
        idle = 0.0
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            idle = 0.0 if self._waiting else idle + FLUSH_SECONDS
            await self.flush()
            if idle >= HEARTBEAT_SECONDS:
                await asyncio.to_thread(self._ledger.heartbeat)
                idle = 0.0
