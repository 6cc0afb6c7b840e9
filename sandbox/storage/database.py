"""The file of a world: names as small numbers, settings, sequences."""

from pathlib import Path
from typing import Any

import orjson

from sandbox.storage.schema import DDL
from sandbox.storage.sqlite_file import SqliteFile


class Database(SqliteFile):
    """What is kept of a world besides its documents."""

    PRAGMAS = ("page_size = 8192", "journal_mode = WAL", "synchronous = NORMAL", "cache_size = -32768")

    def __init__(self, path: Path) -> None:
        """Open the file, or create it."""
        self._codes: dict[str, int] = {}
        super().__init__(path, DDL)

    def _forget(self) -> None:
        self._codes.clear()

    def _code(self, name: str) -> int:
        """The small number that stands for a shop or a type; -1 for a name never written."""
        code = self._codes.get(name)
        if code is None:
            row = self.connection().execute("SELECT code FROM names WHERE name = ?", (name,)).fetchone()
            if row is None:
                return -1
            code = self._codes[name] = int(row[0])
        return code

    def _new_code(self, name: str) -> int:
        code = self._code(name)
        if code < 0:
            self.connection().execute("INSERT INTO names (name) VALUES (?)", (name,))
            code = self._code(name)
        return code

    def get_meta(self, key: str, default: Any = None) -> Any:
        """A setting of the world (clock, seed, parameters), any JSON value."""
        row = self.connection().execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
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
