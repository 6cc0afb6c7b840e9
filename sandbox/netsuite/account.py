"""An account of NetSuite over the ERP's tables: its clock, its limits, its replies to queries."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.backoffice.lags import chance
from sandbox.backoffice.records import Records
from sandbox.netsuite.dates import BadFormat, print_day, print_instant
from sandbox.netsuite.functions import register
from sandbox.netsuite.signon import Keys, SignOn
from sandbox.netsuite.suiteql import DATE, INSTANT, Invalid, Query, translate

CAP = 100_000
LARGEST_PAGE = 1_000


@dataclass(frozen=True)
class Page:
    """Rows of a query from an offset on, and how many there are in all (up to the cap)."""

    items: list[dict[str, Any]]
    total: int
    offset: int
    tables: tuple[str, ...]


class Account:
    """Safe from several threads. `now` gives epoch seconds by the world's clock."""

    def __init__(self, records: Callable[[], Records], folder: Path, now: Callable[[], int], concurrency: int) -> None:
        """Serve the ERP's tables in the file of `records`; keys are made in the folder."""
        self._records = records
        self._now = now
        self.keys = Keys(folder)
        self.keys.make()
        self.signon = SignOn(self.keys)
        self.concurrency = concurrency
        self._local = threading.local()
        self._lock = threading.Lock()
        self._running = 0

    def enter(self) -> bool:
        """Take one of the account's places for requests; False when all are taken."""
        with self._lock:
            if self._running >= self.concurrency:
                return False
            self._running += 1
        return True

    def leave(self) -> None:
        """Give the place back."""
        with self._lock:
            self._running -= 1

    def query(self, text: str, limit: int, offset: int, cap: int = CAP) -> Page:
        """Run a query and return a page of it; raises Invalid."""
        query = translate(text, self._now())
        connection = self._connection()
        try:
            total = connection.execute(query.count).fetchone()[0]
            size = max(0, min(limit, min(total, cap) - offset))
            sql = query.page if query.ordered else _whim(query, offset)
            rows = connection.execute(sql, (size, offset)).fetchall()
        except sqlite3.Error as problem:
            raise Invalid(f"Invalid or unsupported search: {problem}") from problem
        except BadFormat as problem:
            raise Invalid(f"Search error occurred: {problem}") from problem
        return Page([_item(query, row) for row in rows], min(total, cap), offset, query.tables)

    def _connection(self) -> sqlite3.Connection:
        connection = self._records().connection()
        if getattr(self._local, "known", None) is not connection:
            register(connection)
            self._local.known = connection
        return connection


def _whim(query: Query, offset: int) -> str:
    """Rows of a query that names no order come as they please: differently for every page."""
    places = [str(place) for place in range(1, len(query.columns) + 1)]
    order = ", ".join(f"{place} DESC" if chance(offset, place) < 0.5 else place for place in places)
    return f"SELECT * FROM ({query.page.replace('LIMIT ? OFFSET ?', '')}) ORDER BY {order} LIMIT ? OFFSET ?"


def _item(query: Query, row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the REST service writes it: texts throughout, columns without a value left out."""
    item: dict[str, Any] = {"links": []}
    for (name, kind), value in zip(query.columns, row, strict=True):
        if value is not None:
            item[name] = _shown(kind, value)
    return item


def _shown(kind: str, value: Any) -> str | None:
    if kind == INSTANT:
        return print_instant(value)
    if kind == DATE:
        return print_day(value)
    if isinstance(value, float):
        return f"{value:.8f}".rstrip("0").rstrip(".") or "0"
    return str(value)
