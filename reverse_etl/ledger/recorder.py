"""Collects outcomes while they come and writes them to the ledger in batches, with the next claim if there is one."""

import asyncio
import time
from collections.abc import Sequence

from reverse_etl.ledger.ledger import Ledger
from reverse_etl.ledger.rows import Action, Outcome, PlanRow

# Bounds what waits in memory; a flush comes sooner by time.
FLUSH_ROWS = 50_000
HEARTBEAT_SECONDS = 20.0


class Recorder:
    """Between the senders and the ledger. What is not flushed when the process dies is in doubt, never lost.

    A write opens the warehouse and closes it again, which costs more than its rows. So outcomes wait for as long as a
    claim lasts: after a crash the rows of the last claims are read back in any case.
    """

    def __init__(self, ledger: Ledger) -> None:
        """Start empty."""
        self._ledger = ledger
        self._waiting: list[Outcome] = []
        self._writing = asyncio.Lock()
        self._written_at = time.monotonic()

    async def add(self, outcomes: Sequence[Outcome]) -> None:
        """Take outcomes; writes them when enough have come together."""
        self._waiting.extend(outcomes)
        if len(self._waiting) >= FLUSH_ROWS:
            await self.flush()

    async def claim(self, shop: str, action: Action, *, first: int, last: int, limit: int) -> list[PlanRow]:
        """Claim rows as `Ledger.claim` does, and write what is waiting with it."""
        async with self._writing:
            taken = self._take()
            return await asyncio.to_thread(
                self._ledger.claim, shop, action, first=first, last=last, limit=limit, outcomes=taken
            )

    async def flush(self) -> None:
        """Write what is waiting."""
        async with self._writing:
            if taken := self._take():
                await asyncio.to_thread(self._ledger.record, taken)

    async def keep_time(self) -> None:
        """Flush what no claim came for, show a sign of life when there is nothing to write; runs until cancelled."""
        pause = self._ledger.seconds_between_writes
        while True:
            await asyncio.sleep(pause / 2)
            silent = time.monotonic() - self._written_at
            if self._waiting and silent >= 1.5 * pause:  # a claim that is due comes first
                await self.flush()
            elif silent >= HEARTBEAT_SECONDS:
                await asyncio.to_thread(self._ledger.heartbeat)
                self._written_at = time.monotonic()

    def _take(self) -> list[Outcome]:
        taken, self._waiting = self._waiting, []
        self._written_at = time.monotonic()
        return taken
