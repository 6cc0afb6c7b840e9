"""Bulk operations of one app on one shop: five slots of each type, status by the clock, files on disk."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.bulk.writer import Written

SLOTS = 5
BUSY = frozenset({"CREATED", "RUNNING", "CANCELING"})
FIRST_NUMBER = 8_052_023_623_001


@dataclass
class Operation:
    """One operation. Its thread fills `written` and sets `done`; what clients see depends on the clock as well."""

    gid: str
    kind: str
    text: str
    created_at: str
    path: Path
    duration: float
    started: float = field(default_factory=time.monotonic)
    written: Written = field(default_factory=Written)
    done: bool = False
    outcome: str = "COMPLETED"
    error_code: str | None = None
    reason: str | None = None
    stuck: bool = False
    canceled_at: float | None = None
    cancel_seconds: float = 0.2
    completed_at: str | None = None
    expires: int = 0

    def go_on(self, written: Written) -> bool:
        """Take note of the progress; tell whether to go on."""
        self.written = Written(written.objects, written.roots)
        return self.canceled_at is None

    def status(self) -> str:
        """Return the status at this moment."""
        if self.completed_at is not None:
            return self.outcome
        if self.canceled_at is not None:
            return "CANCELING"
        return "CREATED" if time.monotonic() - self.started < min(0.02, self.duration / 4) else "RUNNING"

    def settle(self, now: str, expires: int) -> None:
        """Come to the end when both the work and the time are done."""
        if self.completed_at is not None or not self.done:
            return
        if self.canceled_at is not None:
            if time.monotonic() - self.canceled_at < self.cancel_seconds:
                return
            self.outcome = "CANCELED"
        elif self.stuck or time.monotonic() - self.started < self.duration:
            return
        self.completed_at, self.expires = now, expires


class Operations:
    """The operations of an app on a shop, oldest first."""

    def __init__(
        self,
        folder: Path,
        threads: Executor,
        now: Callable[[], str],
        expiry: Callable[[], int],
        link: Callable[[Operation], str],
    ) -> None:
        """`link` makes the signed url of a file; `expiry` is when a url made now ends, in seconds since 1970."""
        self.folder = folder
        self._threads = threads
        self._now, self._expiry, self._link = now, expiry, link
        self._operations: dict[str, Operation] = {}
        self._lock = threading.RLock()

    def start(
        self,
        numbers: Iterator[int],
        kind: str,
        text: str,
        work: Callable[[Operation], None],
        *,
        duration: float,
        cancel_seconds: float,
    ) -> Operation:
        """Create an operation and run its work in a thread."""
        number = next(numbers)
        operation = Operation(
            gid=f"gid://shopify/BulkOperation/{number}", kind=kind, text=text, created_at=self._now(),
            path=self.folder / f"bulk-{number}.jsonl", duration=duration, cancel_seconds=cancel_seconds,
        )  # fmt: skip
        with self._lock:
            self._operations[operation.gid] = operation
        self._threads.submit(work, operation)
        return operation

    def busy(self, kind: str) -> list[str]:
        """Return the gids of the operations that take a slot."""
        return [op.gid for op in self._settled() if op.kind == kind and op.status() in BUSY]

    def get(self, gid: str) -> Operation | None:
        """Return an operation, settled to this moment."""
        return next((op for op in self._settled() if op.gid == gid), None)

    def find(self, gid: str) -> dict[str, Any] | None:
        """Return an operation as a `BulkOperation`."""
        operation = self.get(gid)
        return self.document(operation) if operation else None

    def documents(self) -> list[dict[str, Any]]:
        """Return all operations as `BulkOperation`s, oldest first."""
        return [self.document(operation) for operation in self._settled()]

    def latest(self, kind: str) -> dict[str, Any] | None:
        """Return the newest operation of a type."""
        found = [operation for operation in self._settled() if operation.kind == kind]
        return self.document(found[-1]) if found else None

    def document(self, operation: Operation) -> dict[str, Any]:
        """Return an operation as a `BulkOperation`; counts are texts, an empty export has no url."""
        status, written = operation.status(), operation.written
        finished = operation.completed_at is not None
        filled = finished and written.objects > 0
        link = self._link(operation) if filled else None
        return {
            "__typename": "BulkOperation",
            "id": operation.gid,
            "type": operation.kind,
            "status": status,
            "errorCode": operation.error_code if status == "FAILED" else None,
            "createdAt": operation.created_at,
            "completedAt": operation.completed_at,
            "objectCount": str(written.objects if status != "CREATED" else 0),
            "rootObjectCount": str(written.roots if status != "CREATED" else 0),
            "fileSize": str(operation.path.stat().st_size) if filled else None,
            "url": link if status == "COMPLETED" else None,
            "partialDataUrl": link if status in ("FAILED", "CANCELED") else None,
            "query": operation.text,
        }

    def cancel_all(self) -> None:
        """Stop the work of every operation, for a reset."""
        for operation in list(self._operations.values()):
            operation.canceled_at = operation.canceled_at or time.monotonic()

    def _settled(self) -> list[Operation]:
        with self._lock:
            operations = list(self._operations.values())
            for operation in operations:
                operation.settle(self._now(), self._expiry())
        return operations


def numbering() -> Iterator[int]:
    """Return the numbers of operations, rising as Shopify's do."""
    return itertools.count(FIRST_NUMBER, 32)
