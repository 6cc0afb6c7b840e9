"""What was asked of the sandbox: one entry a request, kept in memory for tests and benches."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import deque
from typing import Any

import orjson

KEPT = 200_000


class Journal:
    """The last requests, each with a running number from 1."""

    def __init__(self) -> None:
        """Start empty."""
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self._count = 0
        self._lock = threading.Lock()

    def add(self, **entry: Any) -> None:
        """Note a request, and when it was answered: seconds of a clock of this process."""
        with self._lock:
            self._count += 1
            self._entries.append({"number": self._count, "at": time.monotonic(), **entry})

    def since(self, number: int, **wanted: str) -> list[dict[str, Any]]:
        """Return the entries after a number that match in `kind`, `shop`, `operation`, `outcome` and `root`."""
        root = wanted.pop("root", None)
        return [
            entry
            for entry in list(self._entries)
            if entry["number"] > number
            and all(str(entry.get(name)) == value for name, value in wanted.items())
            and (root is None or root in (entry.get("roots") or ()))
        ]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


def digest_of(variables: Any) -> str:
    """Return a short digest of variables, the same for the same content."""
    return hashlib.sha256(orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
