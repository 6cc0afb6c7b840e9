"""ShipBob's three ways of paging, each read to its end and proven complete as far as the API tells.

Bare arrays with `Page` and `Limit` say how many there are in headers; `{items, next}` and `{data, next}` only say
whether there is more. A page that holds nothing though it was announced is capped: nothing of the window is taken.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from pipelines.threepl.problems import FeedRefused
from pipelines.threepl.shipbob.client import Reply, ShipBobClient

# Records that change while pages are read move to other pages; then all pages are read anew.
TRIES = 3


@dataclass
class Pages:
    """What one question brought: how many records, and the server's clock at the first page.

    Pages are kept at the end of a file, one object a line: one file a kind of record, for each open file takes memory
    when they are read. `start` is where the question's own pages begin.
    """

    path: Path
    start: int
    records: int = 0
    served_at: datetime | None = None

    @classmethod
    def at_end(cls, path: Path) -> "Pages":
        """Pages behind those that the file has."""
        return cls(path, path.stat().st_size if path.exists() else 0)

    def add(self, records: list[Any], reply: Reply) -> None:
        """Keep a page."""
        self.served_at = self.served_at or reply.served_at
        self.records += len(records)
        with self.path.open("ab") as file:
            file.write(orjson.dumps({"records": records}) + b"\n")

    def restart(self) -> None:
        """Forget what the question brought."""
        if self.path.exists():
            os.truncate(self.path, self.start)
        self.records, self.served_at = 0, None


async def read_arrays(client: ShipBobClient, path: str, params: Mapping[str, Any], pages: Pages) -> None:
    """Bare arrays: pages by number, counted by the headers Total-Count and Total-Pages where they are sent.

    Raises FeedRefused (FED-07) when fewer or more records came than were announced, three times in a row.
    """
    size, name = client.partner.page_size, client.partner.name
    for _ in range(TRIES):
        pages.restart()
        number, announced = 1, None
        while True:
            reply = await client.get(path, {**params, "Page": number, "Limit": size})
            records = _list(reply.body, path)
            pages.add(records, reply)
            announced = _number(reply.headers.get("total-count"))
            last = _number(reply.headers.get("total-pages"))
            more = len(records) >= size if last is None else number < last
            if not more or not records:
                break
            number += 1
        if announced == pages.records or (announced is None and not more):
            return
    said = "more" if announced is None else f"{announced:,}"
    raise FeedRefused(
        "FED-07",
        f"Partner {name} announced {said} records of {path} but gave {pages.records:,}; nothing of the window is "
        "loaded, run again, and ask the partner if it repeats.",
    )


async def read_items(client: ShipBobClient, path: str, params: Mapping[str, Any], pages: Pages, *, size: str) -> None:
    """Objects with `items` and `next`, a link whose parameters ask for the next page; `size` names that of its length.

    Raises FeedRefused (FED-07) for a page without records that another page announced, or that announces more.
    """
    pages.restart()
    asked: Mapping[str, Any] = {**params, size: client.partner.page_size}
    while True:
        reply = await client.get(path, asked)
        records = _list(reply.body.get("items"), path)
        following = _of_link(reply.body.get("next"))
        _refuse_capped(client, path, records, pages.served_at is not None or bool(following))
        pages.add(records, reply)
        if not following:
            return
        asked = {**asked, **following}


async def read_events(client: ShipBobClient, path: str, question: Mapping[str, Any], pages: Pages) -> None:
    """Objects with `data` and `next`, asked by POST; raises FeedRefused as `read_items` does."""
    pages.restart()
    asked: Mapping[str, str] = {}
    while True:
        reply = await client.post(path, asked, question)
        records = _list(reply.body.get("data"), path)
        following = _of_link(reply.body.get("next"))
        _refuse_capped(client, path, records, pages.served_at is not None or bool(following))
        pages.add(records, reply)
        if not following:
            return
        asked = following


def _refuse_capped(client: ShipBobClient, path: str, records: list[Any], announced: bool) -> None:
    if announced and not records:
        raise FeedRefused(
            "FED-07",
            f"Partner {client.partner.name} gave a page of {path} without records, though it was announced; nothing of "
            "the window is loaded, run again, and ask the partner if it repeats.",
        )


def _list(body: Any, path: str) -> list[Any]:
    if not isinstance(body, list):
        raise FeedRefused("FED-04", f"{path} answers with something else than a list; check the partner's api_version.")
    return body


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdigit() else None


def _of_link(link: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(str(link)).query)) if link else {}
