"""Reads entities of a NetSuite account completely, or says that it could not.

Rows of a window are asked for page by page; a window with many is cut into slices that are read side by side. At the
end NetSuite counts the rows by itself (a query of one row, which its cap of 100,000 does not touch). Documents that
somebody changed while they were read may be torn, their head old and their lines new: they left the window by being
changed, so they are left out here and read by the next window.
"""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import identifier, text
from pipelines.erp.netsuite.client import NetSuiteClient
from pipelines.erp.netsuite.pages import Page, Pages, counted_rows
from pipelines.erp.netsuite.suiteql import PageEnd, count_text, page_text
from pipelines.erp.queries import ErpQuery
from pipelines.erp.reading import Asked, CapReached, Delivered, Span, side_by_side
from pipelines.erp_settings import NetSuiteErp
from pipelines.failures import IncompleteExtraction, SourceError

# A window with more rows is read in slices, side by side. Far below the cap, so that no slice comes near it.
SLICE_ROWS = 20_000
MOST_SLICES = 64
ATTEMPTS = 2
# Longer than any window: changes since an instant are asked for like a window.
FAR = timedelta(days=3_650)

Advance = Callable[[int], None]


@dataclass(eq=False)
class _TableRead:
    table: Table
    query: ErpQuery
    filled: str
    pages: Pages


class NetSuiteReader:
    """A Reader of one account."""

    def __init__(self, erp: NetSuiteErp, client: NetSuiteClient) -> None:
        """Nothing is asked yet."""
        self._erp = erp
        self._client = client

    async def now(self) -> datetime:
        """The account's clock."""
        return await self._client.server_time()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def read(self, asked: Asked, folder: Path, advance: Advance) -> Delivered:
        """Read all tables of an entity as of the end of the window."""
        settings = {
            "order_reference_field": self._erp.order_reference_field,
            "base_currency": self._erp.base_currency,
            "now": asked.span.end.astimezone(UTC).isoformat(),
        }
        reads = [
            _TableRead(table, query, query.filled(settings), Pages(table, folder / f"{table.name}.parquet"))
            for table, query in asked.tables
        ]
        for attempt in range(1, ATTEMPTS + 1):
            await side_by_side(self._slice(read, asked.span, advance) for read in reads)
            counted = dict(zip(reads, await side_by_side(self._count(read, asked.span) for read in reads), strict=True))
            delivered = await self._proven(asked, counted, folder)
            if delivered is not None:
                return delivered
            if attempt < ATTEMPTS:
                for read in reads:
                    read.pages.drop()
        raise self._shortfall(asked, counted)

    async def _slice(self, read: _TableRead, span: Span, advance: Advance) -> None:
        """Read the rows of a span, in slices of it if they are many."""
        page = await self._page(read, span, None)
        slices = self._slices(read, span, page)
        if slices:
            await side_by_side(self._slice(read, one, advance) for one in slices)
            return
        while True:
            read.pages.keep(page)
            advance(len(page.items))
            if not page.has_more or page.end is None:
                return
            page = await self._page(read, span, page.end)

    async def _page(self, read: _TableRead, span: Span, after: PageEnd | None) -> Page:
        query = page_text(read.query, read.filled, span, after)
        body = await self._client.suiteql(query, self._erp.page_size, what=read.table.name)
        return read.pages.read(body, read.query.order)

    def _slices(self, read: _TableRead, span: Span, page: Page) -> list[Span]:
        """Parts of a span with many rows, of equal length; none when they are few or written within a second."""
        if page.total <= SLICE_ROWS or not read.query.is_incremental:
            return []
        start = datetime.fromisoformat(str(page.items[0]["cursor_at"])).astimezone(UTC)
        seconds = math.floor((span.end - start).total_seconds())
        count = min(MOST_SLICES, math.ceil(page.total / SLICE_ROWS) * 2, seconds)
        if count < 2:
            return []
        edges = [start + timedelta(seconds=seconds * place // count) for place in range(count)]
        return [Span(one, other) for one, other in zip(edges, [*edges[1:], span.end], strict=True)]

    async def _proven(self, asked: Asked, counted: dict[_TableRead, int], folder: Path) -> Delivered | None:
        """What arrived, without documents that moved on, if it is all there is; None when it must be read again."""
        moved = None
        if any(read.pages.rows != rows for read, rows in counted.items()):
            moved = await self._moved(asked, next(iter(counted)), folder)
        files = {read.table.name: read.pages.close() for read in counted}
        for read, rows in counted.items():
            left = read.pages.rows
            if moved is not None:
                left = await asyncio.to_thread(read.pages.leave_out, _among(read.table, moved))
            if left != rows:
                return None
        root, expected = next(iter(counted)), sum(counted.values())
        if not root.query.is_incremental:
            return Delivered(files, expected)
        settled = Span(asked.since, asked.span.end)
        return Delivered(files, expected, *await side_by_side(self._count(root, span) for span in (None, settled)))

    async def _moved(self, asked: Asked, root: _TableRead, folder: Path) -> Path | None:
        """The rows of the entity that were changed since the window's end, in a Parquet file."""
        if not root.query.is_incremental:
            return None
        pages = Pages(root.table, folder / f"{root.table.name}.moved.parquet")
        pages.drop()
        since = _TableRead(root.table, root.query, root.filled, pages)
        await self._slice(since, Span(asked.span.end, asked.span.end + FAR), lambda rows: None)
        return pages.close()

    async def _count(self, read: _TableRead, span: Span | None) -> int:
        query = count_text(read.query, read.filled, span)
        body = await self._client.suiteql(query, 1, what=f"the number of {read.table.name}")
        return counted_rows(body, read.table)

    def _shortfall(self, asked: Asked, counted: dict[_TableRead, int]) -> SourceError:
        fewer = next((read for read, rows in counted.items() if read.pages.rows < rows), None)
        if fewer is None:
            return IncompleteExtraction(
                f"The rows of {asked.entity} that NetSuite account {self._erp.account} gave are not those that it "
                f"counts, {ATTEMPTS} times over; nothing of them was loaded, run again."
            )
        return CapReached(
            f"NetSuite account {self._erp.account} counts {counted[fewer]:,} rows of {fewer.table.name}, but gives "
            f"only {fewer.pages.rows:,}: a cap was reached; nothing of {asked.entity} was loaded: ask NetSuite for the "
            f"cap of the account, then run again."
        )


def _among(table: Table, moved: Path) -> str:
    """SQL that is true for rows of documents that moved on: by the parent's key, or by the row's own."""
    names = table.key if table.parent_key is None else (table.parent_key,)
    key = " || ',' || ".join(identifier(name) for name in names)
    return f"{key} in (select {key} from read_parquet({text(str(moved))}))"
