"""The clock of the sandbox: it starts where the world's history ends, ticks in real time and jumps with `advance`.

A frozen clock only jumps: what two runs saw at different speeds then bears the same instants.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def iso(moment: datetime) -> str:
    """Return an instant as the Admin API writes it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> datetime:
    """Return the instant of an ISO 8601 text; one without a zone is taken as UTC."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Clock:
    """The world's time plus the real time that has passed since it was set; never goes back."""

    def __init__(self, base: datetime, elapsed: float = 0.0, *, frozen: bool = False) -> None:
        """Start `elapsed` seconds after `base`, the instant at which the world's history ends."""
        self._base = base
        self._elapsed = elapsed
        self._started = time.monotonic()
        self._frozen = frozen

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return self._base + timedelta(seconds=self.elapsed())

    def iso(self) -> str:
        """Return the present instant as the Admin API writes it."""
        return iso(self.now())

    def elapsed(self) -> float:
        """Return the seconds by which the clock is ahead of the world."""
        return self._elapsed + (0.0 if self._frozen else time.monotonic() - self._started)

    def move(self, base: datetime) -> None:
        """Follow the world to a later end of history, keeping the lead over it."""
        self._base = base
