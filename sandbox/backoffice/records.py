"""The file that the back office keeps beside the world's: tables of its parts, plants, truth, what is due when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sandbox.storage.sqlite_file import SqliteFile

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


class Records(SqliteFile):
    """What stands behind the shops. It can be built again from the world, so it need not outlive a power cut."""

    PRAGMAS = ("journal_mode = WAL", "synchronous = OFF")

    def __init__(self, path: Path) -> None:
        """Open the file, or create it."""
        super().__init__(path, _DDL)

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

    def empty(self) -> None:
        """Remove every table's rows."""
        with self.transaction() as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in tables:
                connection.execute(f"DELETE FROM {name}")
