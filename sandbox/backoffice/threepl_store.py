"""What the operators of the warehouses have on file, in one SQLite file beside the world's. Instants are epoch seconds."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson

Doc = dict[str, Any]
Row = tuple[Any, ...]

_DDL = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
    order_id INTEGER PRIMARY KEY, partner TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
    body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS orders_updated ON orders (partner, updated, order_id);
CREATE TABLE IF NOT EXISTS shipments (
    shipment_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, site TEXT NOT NULL, shipped INTEGER, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS shipments_order ON shipments (order_id);
CREATE INDEX IF NOT EXISTS shipments_shipped ON shipments (site, shipped);
CREATE TABLE IF NOT EXISTS returns (
    return_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, site TEXT NOT NULL, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, completed INTEGER, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS returns_order ON returns (order_id);
CREATE TABLE IF NOT EXISTS commitments (
    order_id INTEGER NOT NULL, site TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE INDEX IF NOT EXISTS commitments_order ON commitments (order_id);
CREATE TABLE IF NOT EXISTS movements (
    movement_id INTEGER PRIMARY KEY, site TEXT NOT NULL, sku TEXT NOT NULL, kind TEXT NOT NULL,
    quantity INTEGER NOT NULL, reason TEXT NOT NULL, reference TEXT NOT NULL, at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS movements_at ON movements (site, at);
CREATE INDEX IF NOT EXISTS movements_sku ON movements (site, sku);
CREATE TABLE IF NOT EXISTS levels (
    site TEXT NOT NULL, sku TEXT NOT NULL, damaged INTEGER NOT NULL, inspection INTEGER NOT NULL,
    delta INTEGER NOT NULL, plant TEXT, body BLOB, PRIMARY KEY (site, sku)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbound (
    kind TEXT NOT NULL, number TEXT NOT NULL, at INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (kind, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, kind TEXT NOT NULL, site TEXT NOT NULL, cut INTEGER NOT NULL, written INTEGER NOT NULL
) WITHOUT ROWID;
"""


class ThreePLStore:
    """The file; safe from several threads, one at a time."""

    def __init__(self, path: Path) -> None:
        """Open the file, or create it."""
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=60, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_DDL)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All writes inside commit together, or not at all. May be nested: the outermost decides."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[Row]:
        """Return the rows of a query."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def docs(self, sql: str, *values: Any) -> list[Doc]:
        """Return the documents in the first column of a query."""
        return [orjson.loads(row[0]) for row in self.rows(sql, *values)]

    def write(self, sql: str, rows: Iterable[Row]) -> None:
        """Run a statement for each row."""
        with self._lock:
            self._connection.executemany(sql, rows)

    def get(self, key: str, default: Any = None) -> Any:
        """Return a setting, any JSON value."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return orjson.loads(found[0][0]) if found else default

    def set(self, key: str, value: Any) -> None:
        """Write a setting."""
        self.write("INSERT OR REPLACE INTO meta VALUES (?, ?)", [(key, orjson.dumps(value))])


def packed(body: Any) -> bytes:
    """Return the stored form of a document."""
    return orjson.dumps(body)
