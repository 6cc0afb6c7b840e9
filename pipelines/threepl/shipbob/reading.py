"""What a run asks ShipBob for: windows by last update where there are such, and open documents anew where not."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from pipelines.failures import SourceError
from pipelines.threepl.shipbob.client import ShipBobClient
from pipelines.threepl.shipbob.paging import Pages, read_arrays, read_events, read_items

# The API answers no longer range of movements.
LONGEST_HISTORY = timedelta(days=89)
IDS_AT_ONCE = 50
OPEN_RECEIVING = (
    "Awaiting,Processing,Incomplete,Arrived,PartiallyArrived,PartiallyArrivedAtHub,ArrivedAtHub,ProcessingAtHub,"
    "InternalTransfer"
)
OPEN_RETURNS = "AwaitingArrival,Arrived,Processing"


@dataclass(frozen=True)
class Span:
    """What is new since `start` (None: everything) and up to `end`; instants in UTC."""

    start: datetime | None
    end: datetime


@dataclass
class Read:
    """The file of a kind of records, when its first page was served, and open documents that nobody knows any more."""

    path: Path
    served_at: datetime | None = None
    vanished: list[str] = field(default_factory=list)


class Reader:
    """Reads kinds of records into files below a folder. What cannot be read is in `failures`, by kind."""

    def __init__(self, client: ShipBobClient, folder: Path) -> None:
        """Nothing is asked yet."""
        self._client = client
        self._folder = folder
        self.found: dict[str, Read] = {}
        self.failures: dict[str, SourceError] = {}

    async def run(
        self,
        spans: Mapping[str, Span],
        facilities: Sequence[str],
        open_documents: Mapping[str, Sequence[str]],
    ) -> None:
        """Read the kinds of `spans` side by side: order, level, event, receiving, return.

        `open_documents` are ids of receiving and return that were not over when they were last read.
        """
        asks = {
            "order": lambda span: self._orders(span),
            "level": lambda span: self._levels(),
            "event": lambda span: self._events(span, facilities),
            "receiving": lambda span: self._receiving(span, open_documents.get("receiving", ())),
            "return": lambda span: self._returns(span, open_documents.get("return", ())),
        }
        kinds = list(spans)
        outcomes = await asyncio.gather(*(asks[kind](spans[kind]) for kind in kinds), return_exceptions=True)
        for kind, outcome in zip(kinds, outcomes, strict=True):
            if isinstance(outcome, SourceError):
                self.failures[kind] = outcome
            elif isinstance(outcome, BaseException):
                raise outcome  # a defect: it keeps its stack trace
            else:
                self.found[kind] = outcome

    async def _orders(self, span: Span) -> Read:
        params = {
            "LastUpdateStartDate": _text(span.start),
            "LastUpdateEndDate": _text(span.end),
            "SortOrder": "Oldest",
        }
        pages = self._pages("order")
        await read_arrays(self._client, "order", params, pages)
        return Read(pages.path, pages.served_at)

    async def _levels(self) -> Read:
        pages = self._pages("level")
        await read_items(self._client, "inventory-level/locations", {}, pages, size="PageSize")
        return Read(pages.path, pages.served_at)

    async def _events(self, span: Span, facilities: Sequence[str]) -> Read:
        for facility in facilities:
            start = span.start or span.end
            while start < span.end:
                end = min(start + LONGEST_HISTORY, span.end)
                question = {"facility_id": int(facility), "start_date": _text(start), "end_date": _text(end)}
                await read_events(self._client, "inventory/history:query", question, self._pages("event"))
                start = end
        return Read(self._folder / "event.jsonl")

    async def _receiving(self, span: Span, known_open: Sequence[str]) -> Read:
        since = _text(span.start)
        queries: list[dict[str, Any]] = [{}]
        if since is not None:
            queries = [{"Statuses": OPEN_RECEIVING}, {"CompletedStartDate": since}, {"InsertStartDate": since}]
        found = Read(self._folder / "receiving.jsonl")

        async def read(query: Mapping[str, Any]) -> None:
            await read_arrays(self._client, "receiving", query, self._pages("receiving"))

        for query in queries:
            await read(query)
        await self._ask_again(found, known_open, "IDs", read)
        return found

    async def _returns(self, span: Span, known_open: Sequence[str]) -> Read:
        since = _text(span.start)
        queries: list[dict[str, Any]] = [{}]
        if since is not None:
            queries = [{"Status": OPEN_RETURNS}, {"CompletedStartDate": since}, {"StartDate": since}]
        found = Read(self._folder / "return.jsonl")

        async def read(query: Mapping[str, Any]) -> None:
            await read_items(self._client, "return", {**query, "SortOrder": "Asc"}, self._pages("return"), size="Limit")

        for query in queries:
            await read(query)
        await self._ask_again(found, known_open, "Ids", read)
        return found

    async def _ask_again(self, found: Read, known_open: Sequence[str], name: str, read: Any) -> None:
        """Ask by id for documents that were open and are in no answer: they were cancelled, or are gone."""
        missing = sorted(set(known_open) - _ids(found.path))
        for start in range(0, len(missing), IDS_AT_ONCE):
            await read({name: ",".join(missing[start : start + IDS_AT_ONCE])})
        found.vanished = sorted(set(missing) - _ids(found.path)) if missing else []

    def _pages(self, kind: str) -> Pages:
        return Pages.at_end(self._folder / f"{kind}.jsonl")


def _ids(path: Path) -> set[str]:
    """Ids of all records read: of documents that are open or new only, so there are few."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return {str(record["id"]) for line in lines for record in orjson.loads(line)["records"]}


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
