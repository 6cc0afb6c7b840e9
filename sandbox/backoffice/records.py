"""The file that the back office keeps beside the world's: tables of its parts, plants, truth, what is due when."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_DDL = """
CREATE TABLE IF NOT EXISTS bo_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bo_due (
    domain TEXT NOT NULL, order_id INTEGER NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (domain, order_id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bo_due_at ON bo_due (at);
CREATE TABLE IF NOT EXISTS bo_plants (
    subject TEXT NOT NULL, key TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (subject, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bo_seen (code TEXT NOT NULL, key TEXT NOT NULL, PRIMARY KEY (code, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bo_truth (
    source TEXT NOT NULL, code TEXT NOT NULL, shop TEXT NOT NULL, object_type TEXT NOT NULL, object_key TEXT NOT NULL,
    state TEXT, since INTEGER NOT NULL, due INTEGER NOT NULL, details TEXT NOT NULL,
    PRIMARY KEY (code, object_type, object_key, source)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bo_truth_source ON bo_truth (source);
"""


class Records:
    """One SQLite file, a connection for each thread, one writer at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it."""
        self.path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._lock = threading.RLock()
        self.connection().executescript(_DDL)

    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection; it commits each statement by itself outside of `transaction`."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = OFF")
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All writes inside commit together, or not at all; the outermost of nested ones decides."""
        with self._lock:
            connection = self.connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection().execute(sql, values).fetchall()

    def value(self, key: str, default: str | None = None) -> str | None:
        """Return a setting."""
        rows = self.rows("SELECT value FROM bo_meta WHERE key = ?", key)
        return str(rows[0][0]) if rows else default

    def keep(self, key: str, value: object) -> None:
        """Write a setting."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO bo_meta VALUES (?, ?)", (key, str(value)))

    def snapshot(self, path: Path) -> None:
        """Copy everything, as of now, into a file of its own."""
        path.unlink(missing_ok=True)
        with self._lock, contextlib.closing(sqlite3.connect(path)) as target:
            self.connection().backup(target)

    def restore(self, path: Path) -> None:
        """Put everything back as `snapshot` wrote it."""
        with self._lock, contextlib.closing(sqlite3.connect(path)) as source:
            source.backup(self.connection())

    def empty(self) -> None:
        """Remove every table's rows."""
        with self.transaction() as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in tables:
                connection.execute(f"DELETE FROM {name}")

    def close(self) -> None:
        """Close every thread's connection."""
        with self._lock:
            while self._opened:
                self._opened.pop().close()
