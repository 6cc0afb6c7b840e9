"""Pages of a query's rows, kept on disk as NetSuite wrote them, and turned into one Parquet file by DuckDB.

Of a page, Python looks at its counts and its last row. NetSuite leaves columns without a value out of a row, so the
columns are those of the contract.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import orjson

from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import identifier, text
from pipelines.erp.netsuite.suiteql import ENDS, PageEnd
from pipelines.failures import InvalidQuery, SourceUnavailable

# The largest page: a thousand rows of a few hundred columns at most.
LARGEST_PAGE_BYTES = 64 << 20


@dataclass(frozen=True)
class Page:
    """One reply: how many rows it has, how many its query has in all by NetSuite's account, whether there are more."""

    rows: int
    total: int
    has_more: bool
    first: dict[str, Any]
    end: PageEnd | None


@dataclass
class Pages:
    """The pages of one table, in a folder of their own."""

    table: Table
    folder: Path
    rows: int = 0
    _kept: int = field(default=0, init=False)

    def read(self, body: bytes, order: tuple[str, ...]) -> Page:
        """What a reply says; it is not kept yet. SourceUnavailable for one that is no page."""
        try:
            reply = orjson.loads(body)
            items, total, more = reply["items"], int(reply["totalResults"]), bool(reply["hasMore"])
            first = items[0] if items else {}
            end = PageEnd(tuple(str(items[-1][name]) for name in ENDS[: len(order)])) if items and order else None
        except (ValueError, KeyError, TypeError):
            raise SourceUnavailable(
                f"NetSuite's reply to the query of {self.table.name} is no page of rows; nothing of it was loaded: run "
                f"again, and correct the query if it stays so."
            ) from None
        known = {"links", *ENDS, *(column.name for column in self.table.columns)}
        unknown = [name for name in first if name not in known]
        if unknown:
            raise InvalidQuery(
                f"The query of {self.table.name} selects the column {unknown[0]}, which the contract does not have; "
                f"nothing of it was loaded: correct the query, then run again."
            )
        return Page(len(items), total, more, first, end)

    def keep(self, body: bytes, page: Page) -> None:
        """Put a reply with its rows on disk."""
        if page.rows:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / f"{self._kept}.json").write_bytes(body)
            self._kept += 1
            self.rows += page.rows

    def drop(self) -> None:
        """Forget what was kept: the table is read anew."""
        for path in self.folder.glob("*.json"):
            path.unlink()
        self.rows = self._kept = 0

    def write(self, path: Path, without: str | None = None) -> int:
        """Write the rows to a Parquet file, all values texts; `without` is SQL that is true for rows to leave out."""
        columns = [column.name for column in self.table.columns]
        if not self._kept:
            empty = ", ".join(f"cast(null as varchar) as {identifier(name)}" for name in columns)
            return _copied(f"select {empty} where false", path)
        struct = ", ".join(f"{identifier(name)} VARCHAR" for name in columns)
        source = (
            f"read_json({text(str(self.folder / '*.json'))}, format = 'unstructured', "
            f"columns = {{items: {text(f'STRUCT({struct})[]')}}}, maximum_object_size = {LARGEST_PAGE_BYTES})"
        )
        values = ", ".join(f"item.{identifier(name)} as {identifier(name)}" for name in columns)
        kept = f" where not ({without})" if without else ""
        return _copied(f"select * from (select {values} from (select unnest(items) as item from {source})){kept}", path)


def counted_rows(body: bytes, table: Table) -> int:
    """What a reply to a query that counts says."""
    try:
        return int(orjson.loads(body)["items"][0]["rows_there"])
    except (ValueError, KeyError, IndexError, TypeError):
        raise SourceUnavailable(
            f"NetSuite did not count the rows of {table.name}; nothing of it was loaded, run again."
        ) from None


def _copied(query: str, path: Path) -> int:
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.execute("set memory_limit = '256MB'")
        copied = connection.execute(f"copy ({query}) to {text(str(path))} (format parquet)").fetchall()
    return int(copied[0][0])
