"""The SuiteQL of one page: a table's query with its window, where the page before ended, and the order of its rows.

Pages go on by key and never by offset: NetSuite repeats and loses rows between deep offsets, and ends a query's rows at
100,000. Instants are written with their offset, for a text without one, also one that ends in a literal Z, is read in
the zone of the session.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.contracts.sql import text
from pipelines.erp.queries import CURSOR, WINDOW, ErpQuery
from pipelines.erp.reading import Span

FORMAT = 'YYYY-MM-DD"T"HH24:MI:SS.FF3TZH:TZM'
# Names of the columns that say where a page ended; Oracle lets no plain name begin with an underscore.
ENDS = ("cursor_at", "cursor_id")


@dataclass(frozen=True)
class PageEnd:
    """Where a page ended: the values of the order in its last row, as NetSuite wrote them."""

    values: tuple[str, ...]


def page_text(query: ErpQuery, filled: str, span: Span | None, after: PageEnd | None) -> str:
    """The query of a page; `filled` is the text with its settings."""
    ends = ", ".join(f"{_shown(query, place)} as {ENDS[place]}" for place in range(len(query.order)))
    conditions = [*_window(query, span), *([] if after is None else [_after(query, after)])]
    condition = "".join(f" and {one}" for one in conditions)
    return (
        filled.replace(CURSOR, f", {ends}" if ends else "").replace(WINDOW, condition)
        + (f" order by {', '.join(query.order)}" if query.order else "")
    )  # fmt: skip


def count_text(query: ErpQuery, filled: str, span: Span | None) -> str:
    """A query that counts the rows of another: one row, which no cap of rows touches."""
    condition = "".join(f" and {one}" for one in _window(query, span))
    return f"select count(*) as rows_there from ({filled.replace(CURSOR, '').replace(WINDOW, condition)}) counted"


def _window(query: ErpQuery, span: Span | None) -> list[str]:
    if not query.is_incremental or span is None:
        return []
    at = query.order[0]
    start = [] if span.start is None else [f"{at} >= {_instant(span.start)}"]
    return [*start, f"{at} < {_instant(span.end)}"]


def _after(query: ErpQuery, after: PageEnd) -> str:
    values = [_literal(query, place, value) for place, value in enumerate(after.values)]
    if len(values) == 1:
        return f"{query.order[0]} > {values[0]}"
    (one, other), (value, tie) = query.order, values
    return f"({one} > {value} or ({one} = {value} and {other} > {tie}))"


def _shown(query: ErpQuery, place: int) -> str:
    if query.is_incremental and place == 0:
        return f"to_char({query.order[0]}, '{FORMAT}')"
    return query.order[place]


def _literal(query: ErpQuery, place: int, value: str) -> str:
    if query.is_incremental and place == 0:
        return f"to_timestamp_tz({text(value)}, '{FORMAT}')"
    return text(value) if query.is_text else str(int(value))


def _instant(value: datetime) -> str:
    at = value.astimezone(UTC)
    written = f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+00:00"
    return f"to_timestamp_tz({text(written)}, '{FORMAT}')"
