"""The SQLite file itself: connections by thread, transactions, settings, copies."""

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from sandbox.storage.schema import DDL


class Database:
    """One file, one connection per thread, write-ahead log: readers never wait, writers take turns."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it."""
        self.path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._write_lock = threading.RLock()
        self._codes: dict[str, int] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection().executescript(DDL)

    def close(self) -> None:
        """Close every thread's connection; the store is of no use afterwards."""
        with self._write_lock:
            while self._opened:
                self._opened.pop().close()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, timeout=60, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA page_size = 8192")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA cache_size = -32768")
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All writes inside commit together, or not at all. May be nested: the outermost decides."""
        with self._write_lock:
            connection = self._connection()
            if connection.in_transaction:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                self._codes.clear()
                raise
            connection.execute("COMMIT")

    def _code(self, name: str) -> int:
        """The small number that stands for a shop or a type; -1 for a name never written."""
        code = self._codes.get(name)
        if code is None:
            row = self._connection().execute("SELECT code FROM names WHERE name = ?", (name,)).fetchone()
            if row is None:
                return -1
            code = self._codes[name] = int(row[0])
        return code

    def _new_code(self, name: str) -> int:
        code = self._code(name)
        if code < 0:
            self._connection().execute("INSERT INTO names (name) VALUES (?)", (name,))
            code = self._code(name)
        return code

    def get_meta(self, key: str, default: Any = None) -> Any:
        """A setting of the world (clock, seed, parameters), any JSON value."""
        row = self._connection().execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return orjson.loads(row[0]) if row else default

    def set_meta(self, key: str, value: Any) -> None:
        """Write a setting."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, orjson.dumps(value)))

    def next_number(self, name: str, start: int = 1) -> int:
        """The next number of a named sequence, for objects that the API creates."""
        with self.transaction():
            number = int(self.get_meta(f"sequence:{name}", start))
            self.set_meta(f"sequence:{name}", number + 1)
        return number

    def snapshot(self, path: Path) -> None:
        """A copy of everything, as of now, in a file of its own."""
        path.unlink(missing_ok=True)
        with self._write_lock, contextlib.closing(sqlite3.connect(path)) as target:
            self._connection().backup(target)

    def restore(self, path: Path) -> None:
        """Put everything back as it was when ``snapshot`` wrote this file."""
        if not path.exists():
            raise FileNotFoundError(f"no snapshot of the sandbox at {path}: take one first")
        with self._write_lock, contextlib.closing(sqlite3.connect(path)) as source:
            source.backup(self._connection())
            self._codes.clear()
