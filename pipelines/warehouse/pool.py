"""Connections that wait for their next session: opening one to a warehouse in a cloud costs about a second."""

import atexit
import os
import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

# Both services forget a session that nobody uses for hours; a connection that waited this long is opened anew.
LONGEST_IDLE_SECONDS = 1_800.0


class Pool(Generic[T]):
    """Idle connections by what they lead to. A process holds as many as it had sessions open at one time."""

    def __init__(self, close: Callable[[T], None]) -> None:
        """`close` must not raise: it is called when the process ends."""
        self._close = close
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._idle: dict[Hashable, list[tuple[float, T]]] = {}
        atexit.register(self.close_all)

    def take(self, key: Hashable) -> T | None:
        """The connection that was used last, or None when none is idle."""
        with self._lock:
            self._forget_those_of_the_parent()
            waiting = self._idle.get(key, [])
            while waiting:
                since, found = waiting.pop()
                if time.monotonic() - since < LONGEST_IDLE_SECONDS:
                    return found
                self._close(found)
        return None

    def give(self, key: Hashable, connection: T) -> None:
        """Keep a connection that is clean: no open transaction, no temporary tables."""
        with self._lock:
            self._forget_those_of_the_parent()
            self._idle.setdefault(key, []).append((time.monotonic(), connection))

    def close_all(self) -> None:
        """Close what is idle."""
        with self._lock:
            self._forget_those_of_the_parent()
            for waiting in self._idle.values():
                for _, connection in waiting:
                    self._close(connection)
            self._idle.clear()

    def _forget_those_of_the_parent(self) -> None:
        # A forked process shares the sockets of its parent, and must neither use nor close them.
        if self._process != os.getpid():
            self._process = os.getpid()
            self._idle.clear()
