"""How long-running steps tell a person where they are, without knowing how it is shown.

The command line shows a live display on a terminal and plain lines elsewhere (orchestration/); tests and library use
pass `SilentProgress`.
"""

from typing import Protocol


class Progress(Protocol):
    """Receives progress of named items within a stage; implementations must be safe to call from several threads."""

    def start(self, stage: str, item: str, total: int | None = None, unit: str = "rows") -> None:
        """An item began; `total` is the expected amount in `unit`, or None while it is unknown."""

    def advance(self, stage: str, item: str, by: int) -> None:
        """`by` more units are done."""

    def finish(self, stage: str, item: str, note: str = "") -> None:
        """The item ended; `note` is a short result such as '12,345 rows'."""


class SilentProgress:
    """Shows nothing."""

    def start(self, stage: str, item: str, total: int | None = None, unit: str = "rows") -> None:
        """Ignore."""

    def advance(self, stage: str, item: str, by: int) -> None:
        """Ignore."""

    def finish(self, stage: str, item: str, note: str = "") -> None:
        """Ignore."""
