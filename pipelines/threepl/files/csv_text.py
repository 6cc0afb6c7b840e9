"""CSV files as one table of text, once heading, rows and trailer say that nothing is missing or torn."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from pipelines.threepl.problems import FeedRefused
from pipelines.threepl_settings import Feed

_HEADER_BYTES = 65_536


@dataclass
class _OddRows:
    """Rows with another number of cells than the heading: the trailer, and whatever is torn."""

    trailer: str | None
    delimiter: str
    found: list[tuple[int, int, int]]
    counts: list[str]

    def take(self, row: pacsv.InvalidRow) -> str:
        """Keep the trailer's count, and where any other row stands; called by the reader for such rows only."""
        cells = next(csv.reader([row.text], delimiter=self.delimiter), [])
        if self.trailer is not None and cells[:1] == [self.trailer]:
            self.counts.append(cells[1] if len(cells) > 1 else "")
        else:
            self.found.append((row.number or 0, row.actual_columns, row.expected_columns))
        return "skip"


def read_csv_text(path: Path, feed: Feed, needed: dict[str, str]) -> pa.Table:
    """The data rows as text, in columns named by the file's headings, with `line_number_` (the heading is line 1).

    `needed` maps our columns to the headings that must be there. Raises FeedRefused: FED-03 for an empty or torn file
    or a wrong count, FED-04 when a heading is missing.
    """
    with path.open("rb") as opened:
        start = opened.read(_HEADER_BYTES)
    if not start.strip():
        raise FeedRefused("FED-03", "the file is empty; an empty file is not empty stock")
    if b"\n" not in start and b"\r" not in start:
        raise FeedRefused("FED-03", "line 1: the file ends within its heading; it was cut short")
    headings = _headings(start, feed)
    for column, heading in needed.items():
        if heading not in headings:
            raise FeedRefused(
                "FED-04",
                f"line 1: there is no column '{heading}' ({column}), only {', '.join(headings)}; if the partner "
                "renamed it, say so in the feed's columns in the settings",
            )
    odd = _OddRows(feed.trailer, feed.delimiter, [], [])
    try:
        rows = pacsv.read_csv(
            path,
            read_options=pacsv.ReadOptions(
                column_names=headings, skip_rows=1, encoding=feed.encoding, use_threads=False
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=feed.delimiter, newlines_in_values=True, invalid_row_handler=odd.take
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(headings, pa.string()), strings_can_be_null=True, null_values=[""]
            ),
        )
    except (pa.ArrowInvalid, UnicodeDecodeError) as error:
        raise FeedRefused(
            "FED-03", f"it cannot be read as CSV in {feed.encoding}: {str(error).splitlines()[0]}"
        ) from None
    return _whole(rows, odd, feed)


def _headings(start: bytes, feed: Feed) -> list[str]:
    text = start.decode(feed.encoding, errors="replace").removeprefix("\ufeff")
    headings = [cell.strip() for cell in next(csv.reader(io.StringIO(text), delimiter=feed.delimiter), [])]
    twice = [heading for heading in headings if headings.count(heading) > 1]
    if twice:
        raise FeedRefused("FED-04", f"line 1: the column '{twice[0]}' stands there twice")
    return headings


def _whole(rows: pa.Table, odd: _OddRows, feed: Feed) -> pa.Table:
    if odd.found:
        number, actual, expected = odd.found[0]
        raise FeedRefused(
            "FED-03", f"line {number}: {actual} cells instead of {expected}; the file is torn or was cut short"
        )
    numbered = rows.append_column("line_number_", pa.array(range(2, rows.num_rows + 2), pa.int64()))
    if feed.trailer is None:
        return numbered
    first = numbered.column(0)
    is_trailer = pc.fill_null(pc.equal(first, feed.trailer), False)
    padded = numbered.filter(is_trailer)
    counts = odd.counts + padded.column(1).to_pylist()
    data = numbered.filter(pc.invert(is_trailer))
    if len(counts) != 1:
        missing = "is missing, so the file was cut short" if not counts else "stands there more than once"
        raise FeedRefused("FED-03", f"the trailer line '{feed.trailer}' {missing}")
    if counts[0] is None or not counts[0].strip().isdigit() or int(counts[0]) != data.num_rows:
        raise FeedRefused("FED-03", f"the trailer counts {counts[0]} rows, but there are {data.num_rows}")
    return data
