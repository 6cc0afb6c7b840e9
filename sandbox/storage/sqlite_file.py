"""A SQLite file that several threads use: connections by thread, transactions, copies."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path


class SqliteFile:
    """One file, one connection per thread, write-ahead log: readers never wait, writers take turns."""

    # Set on each new connection, in this order: the size of pages before the log.
    PRAGMAS: tuple[str, ...] = ("journal_mode = WAL",)

    def __init__(self, path: Path, ddl: str) -> None:
        """Open the file, or create it with what `ddl` creates."""
        self.path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._write_lock = threading.RLock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection().executescript(ddl)

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection; it commits each statement by itself outside of `transaction`."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
            for pragma in self.PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All writes inside commit together, or not at all. May be nested: the outermost decides."""
        with self._write_lock:
            connection = self.connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                self._forget()
                raise
            connection.execute("COMMIT")

    def _forget(self) -> None:
        """Called when rows were taken back: what is remembered of them is wrong."""

    def snapshot(self, path: Path) -> None:
        """A copy of everything, as of now, in a file of its own."""
        path.unlink(missing_ok=True)
        with self._write_lock, contextlib.closing(sqlite3.connect(path)) as target:
            self.connection().backup(target)

    def restore(self, path: Path) -> None:
        """Put everything back as it was when `snapshot` wrote this file; raises FileNotFoundError without one."""
        if not path.exists():
            raise FileNotFoundError(f"no snapshot of the sandbox at {path}: take one first")
        with self._write_lock, contextlib.closing(sqlite3.connect(path)) as source:
            source.backup(self.connection())
            self._forget()

    def close(self) -> None:
        """Close every thread's connection; the file is of no use to this object afterwards."""
        with self._write_lock:
            while self._opened:
                self._opened.pop().close()
