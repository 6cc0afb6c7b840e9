"""Reads connections page by page that no bulk operation reaches: below a single object, or of nodes without an id.

shopify.dev, "API limits": a connection can be paged to 25,000 objects. One that takes a search filter is therefore
asked anew before that, for the objects after the last id; it must be sorted by id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from pipelines.shopify.bulk_query import SEARCH_VARIABLE, EntityQuery
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.connections import nested_connections, paged_path
from pipelines.shopify.paging import PAGE_SIZE, whole_node, written
from pipelines.shopify.replies import QueryTooExpensive

MOST_PAGED = 25_000


@dataclass
class Pages:
    """What was read: how many nodes; `absent` names the object above the connection when the shop has none."""

    nodes: int = 0
    absent: str | None = None


async def fetch_pages(
    client: ShopifyClient,
    query: EntityQuery,
    search: str | None,
    path: Path,
    *,
    most: int = MOST_PAGED,
    on_page: Callable[[int], None] = lambda rows: None,
) -> Pages:
    """Read all nodes of a query of the kind 'paged' that a search filter finds, and write one line for each to `path`.

    Connections below the nodes arrive whole. `most` is how many objects Shopify pages to. Raises InvalidQuery for a
    query that cannot be followed, and what the client raises; then there is no file.
    """
    reader, nested, pages = _PageReader(client, query, search, most), nested_connections(query), Pages()
    with written(path) as file:
        while reader.more:
            nodes = await reader.page()
            for node in nodes:
                whole = await whole_node(client, query, nested, node["id"], node) if nested else node
                if whole is not None:
                    file.write(orjson.dumps(whole, option=orjson.OPT_APPEND_NEWLINE))
                    pages.nodes += 1
            on_page(len(nodes))
    pages.absent = reader.absent
    return pages


class _PageReader:
    """The place in a connection: which filter, which cursor, how many objects since the filter was last changed."""

    def __init__(self, client: ShopifyClient, query: EntityQuery, search: str | None, most: int) -> None:
        self._client, self._query, self._search, self._most = client, query, search, most
        self._way = [(field.alias or field.name).value for field in paged_path(query)]
        self._size = min(PAGE_SIZE, most)
        self._after: str | None = None
        self._past: str | None = None
        self._seen = 0
        self.more = True
        self.absent: str | None = None

    async def page(self) -> list[dict[str, Any]]:
        """The next nodes; afterwards `more` tells whether there may be others."""
        try:
            reply = await self._client.execute(self._query.text, self._variables(), operation=self._query.entity)
        except QueryTooExpensive:
            if self._size == 1:
                raise
            self._size //= 2
            return []
        found: Any = reply.data
        for name in self._way:
            found = found[name]
            if found is None:
                self.more, self.absent = False, name
                return []
        nodes: list[dict[str, Any]] = found["nodes"]
        self._seen += len(nodes)
        self.more, self._after = found["pageInfo"]["hasNextPage"], found["pageInfo"]["endCursor"]
        if self.more and self._query.is_incremental and self._seen + self._size > self._most:
            self._past, self._after, self._seen = nodes[-1]["id"].rpartition("/")[2], None, 0
        return nodes

    def _variables(self) -> dict[str, Any]:
        asked: dict[str, Any] = {"first": self._size, "after": self._after}
        if self._query.is_incremental:
            past = f"id:>{self._past}" if self._past else None
            asked[SEARCH_VARIABLE] = " ".join(part for part in (self._search, past) if part) or None
        return asked
