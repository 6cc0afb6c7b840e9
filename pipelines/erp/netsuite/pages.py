"""Pages of a query's rows, turned into Arrow as they come and kept in one Parquet file a table, all values texts.

NetSuite leaves columns without a value out of a row, so the columns are those of the contract.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import text
from pipelines.erp.netsuite.suiteql import ENDS, PageEnd
from pipelines.failures import InvalidQuery, SourceUnavailable


@dataclass(frozen=True)
class Page:
    """One reply: its rows, how many its query has in all by NetSuite's account, whether there are more."""

    items: list[dict[str, Any]]
    total: int
    has_more: bool
    end: PageEnd | None


class Pages:
    """The rows of one table, in a file; one page at a time is put into it."""

    def __init__(self, table: Table, path: Path) -> None:
        """The file is made with the first page that is kept."""
        self.table = table
        self.path = path
        self.rows = 0
        self._names = [column.name for column in table.columns]
        self._known = {"links", *ENDS, *self._names}
        self._writer: pq.ParquetWriter | None = None

    def read(self, body: bytes, order: tuple[str, ...]) -> Page:
        """What a reply says; it is not kept yet. SourceUnavailable for one that is no page."""
        try:
            reply = orjson.loads(body)
            items, total, more = reply["items"], int(reply["totalResults"]), bool(reply["hasMore"])
            end = PageEnd(tuple(str(items[-1][name]) for name in ENDS[: len(order)])) if items and order else None
            unknown = [name for name in (items[0] if items else ()) if name not in self._known]
        except (ValueError, KeyError, TypeError, IndexError):
            raise SourceUnavailable(
                f"NetSuite's reply to the query of {self.table.name} is no page of rows; nothing of it was loaded: run "
                f"again, and correct the query if it stays so."
            ) from None
        if unknown:
            raise InvalidQuery(
                f"The query of {self.table.name} selects the column {unknown[0]}, which the contract does not have; "
                f"nothing of it was loaded: correct the query, then run again."
            )
        return Page(items, total, more, end)

    def keep(self, page: Page) -> None:
        """Put the rows of a page into the file."""
        if page.items:
            self._open().write_batch(_batch(page.items, self._names))
            self.rows += len(page.items)

    def drop(self) -> None:
        """Forget what was kept: the table is read anew."""
        self.close()
        self.path.unlink(missing_ok=True)
        self.rows = 0

    def close(self) -> Path:
        """Finish the file, which has no rows when no page was kept."""
        writer = self._open() if self._writer is None and not self.path.exists() else self._writer
        if writer is not None:
            writer.close()
            self._writer = None
        return self.path

    def leave_out(self, condition: str) -> int:
        """Take rows for which a SQL condition is true out of the finished file; how many stay."""
        kept = self.path.with_suffix(".kept.parquet")
        with duckdb.connect() as connection:
            connection.execute("set threads = 2")
            source = f"select * from read_parquet({text(str(self.path))}) where not ({condition})"
            copied = connection.execute(f"copy ({source}) to {text(str(kept))} (format parquet)").fetchall()
        kept.replace(self.path)
        return int(copied[0][0])

    def _open(self) -> pq.ParquetWriter:
        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(self.path, pa.schema([(name, pa.string()) for name in self._names]))
        return self._writer


def _batch(items: list[dict[str, Any]], names: list[str]) -> pa.RecordBatch:
    """Rows as texts; Arrow picks the columns out of the parsed objects by itself."""
    try:
        struct = pa.array(items, pa.struct([(name, pa.string()) for name in names]))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        # NetSuite writes texts throughout; where it does not, each column is of one type.
        return _converted(pa.array(items), names)
    return pa.RecordBatch.from_arrays(struct.flatten(), names)


def _converted(struct: pa.StructArray, names: list[str]) -> pa.RecordBatch:
    found = {field.name for field in struct.type}
    columns = [
        struct.field(name).cast(pa.string()) if name in found else pa.nulls(len(struct), pa.string()) for name in names
    ]
    return pa.RecordBatch.from_arrays(columns, names)


def counted_rows(body: bytes, table: Table) -> int:
    """What a reply to a query that counts says."""
    try:
        return int(orjson.loads(body)["items"][0]["rows_there"])
    except (ValueError, KeyError, IndexError, TypeError):
        raise SourceUnavailable(
            f"NetSuite did not count the rows of {table.name}; nothing of it was loaded, run again."
        ) from None
