"""Judges a file by the files before it: the same again, an old one that came late, stock that goes back in time."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from pipelines.threepl.files.content import Content
from pipelines.threepl.files.manifest import FINAL, FileRow
from pipelines.threepl.problems import FeedCode, FeedRefused
from pipelines.threepl_settings import Feed

# A band needs some files to be drawn from, and recent ones.
BAND_FROM, BAND_OF = 5, 20
SNAPSHOTS = "inventory_snapshots"


@dataclass(frozen=True)
class Flag:
    """Something odd about a file that is loaded all the same."""

    code: FeedCode
    message: str


class History:
    """The files of a partner that were taken, those of this run included as they are accepted."""

    def __init__(self, rows: Iterable[FileRow]) -> None:
        """Rows of the manifest; what was not taken counts for nothing."""
        self._taken = [row for row in rows if row.state in FINAL]

    def accept(self, row: FileRow) -> None:
        """Remember a file of this run."""
        self._taken.append(row)

    def same_content(self, row: FileRow) -> FileRow | None:
        """A file of the same feed with the same bytes that was taken before; files without rows are all alike."""
        same = (old for old in self._taken if old.sha256 == row.sha256 and old.feed == row.feed)
        return next((old for old in same if old.row_count), None)

    def judge(self, feed: Feed, row: FileRow, content: Content) -> tuple[FileRow, list[Flag]]:
        """The file's row with what was read of it, and what is odd about it.

        Raises FeedRefused: FED-02 for a control number that was used for something else, FED-05 for stock that is
        older than the stock that was told before.
        """
        row = replace(
            row,
            kind=",".join(content.entities) or None,
            warehouse_code=",".join(sorted(content.warehouses)) or None,
            control_number=content.control_number,
            row_count=content.rows,
            as_of=max(content.snapshots.values(), default=None),
        )
        self._refuse_number_used_twice(row)
        return row, [*self._flags_of_time(row, content), *self._flags_of_count(feed, row)]

    def newest(self, feed: str) -> datetime | None:
        """When the newest file of a feed was written."""
        return max((row.mtime for row in self._taken if row.feed == feed), default=None)

    def reached(self, entity: str) -> datetime | None:
        """How far an entity has come: when the newest file that told of it was written."""
        told = (row.mtime for row in self._taken if entity in row.kinds() and row.state != "duplicate")
        return max(told, default=None)

    def told_stock_after(self, row: FileRow) -> bool:
        """Whether a file of the same feed that was written after another told stock: it says all that is missing."""
        return any(old.feed == row.feed and old.mtime > row.mtime and SNAPSHOTS in old.kinds() for old in self._taken)

    def kinds(self, feed: Feed, default: tuple[str, ...]) -> tuple[str, ...]:
        """Entities that a feed brings, as far as it is known."""
        if feed.kind is not None:
            return (feed.kind,)
        seen = {kind for row in self._taken if row.feed == feed.name for kind in row.kinds()}
        return tuple(sorted(seen)) or default

    def warehouses(self) -> set[str]:
        """Warehouses that any file told of."""
        return {code for row in self._taken for code in row.warehouses()}

    def _refuse_number_used_twice(self, row: FileRow) -> None:
        numbers = set(row.control_numbers())
        for old in self._taken:
            used = numbers & set(old.control_numbers())
            if used:
                raise FeedRefused(
                    "FED-02",
                    f"its control number {sorted(used)[0]} was used by {old.path}, whose content is another; ask the "
                    "partner which of the two holds, and to send it under a new number",
                )

    def _flags_of_time(self, row: FileRow, content: Content) -> list[Flag]:
        others = [old for old in self._taken if old.path != row.path]
        for warehouse, as_of in content.snapshots.items():
            told = [old for old in others if old.as_of is not None and warehouse in old.warehouses()]
            newest = max(told, key=lambda old: old.as_of or old.mtime, default=None)
            if newest is not None and newest.as_of is not None and as_of < newest.as_of and row.mtime > newest.mtime:
                raise FeedRefused(
                    "FED-05",
                    f"it tells the stock of warehouse {warehouse} at {as_of:%Y-%m-%d %H:%M} UTC, though {newest.path}, "
                    f"written before it, told that of {newest.as_of:%Y-%m-%d %H:%M}; ask the partner which time holds, "
                    "and check the warehouse's zone in the settings",
                )
        newest_of_feed = max((old.mtime for old in others if old.feed == row.feed), default=None)
        if newest_of_feed is not None and row.mtime < newest_of_feed:
            said = f"it was written {row.mtime:%Y-%m-%d %H:%M} UTC, before one of {newest_of_feed:%Y-%m-%d %H:%M}"
            return [Flag("FED-10", f"{said} that came earlier; it is loaded, and newer rows are kept")]
        return []

    def _flags_of_count(self, feed: Feed, row: FileRow) -> list[Flag]:
        count = row.row_count or 0
        low, high = float(feed.minimum_rows), float(feed.maximum_rows or float("inf"))
        why = "the settings allow"
        recent = [old for old in self._taken if old.feed == feed.name and old.kind == row.kind][-BAND_OF:]
        counts = [old.row_count for old in recent if old.row_count is not None]
        if SNAPSHOTS in row.kinds() and len(counts) >= BAND_FROM and feed.typical_share > 0:
            usual = median(counts)
            low, high = max(low, usual * feed.typical_share), min(high, usual / feed.typical_share)
            why = f"its last {len(counts)} files suggest"
        if low <= count <= high:
            return []
        band = f"{low:,.0f} to {high:,.0f}" if high != float("inf") else f"at least {low:,.0f}"
        return [Flag("FED-06", f"it has {count:,} rows, where {why} {band}; it is loaded, ask the partner about it")]
