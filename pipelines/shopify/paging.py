"""Reads what bulk operations cannot reach: nodes by id with the connections below them, single objects, long lists.

Everything is written to disk as it arrives, one JSON object a line, in the shape that the query file selects.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from pipelines.failures import InvalidQuery
from pipelines.shopify.bulk_query import EntityQuery
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.connections import NestedConnection, nested_connections, node_type
from pipelines.shopify.replies import QueryTooExpensive

FIRST_BATCH = 20
MOST_IDS = 250  # Shopify's limit of an input list
# A request may cost 1,000 points; some room is left for nodes that are dearer than those seen before.
TARGET_POINTS = 800.0
CONCURRENT_BATCHES = 8
PAGE_SIZE = 250


@dataclass
class FetchedNodes:
    """Outcome of reading by id: lines written, and the ids that Shopify does not have (any more)."""

    path: Path
    asked: int = 0
    arrived: int = 0
    missing: list[str] = field(default_factory=list)


class _Batches:
    """Hands out ids in batches whose size follows the cost that replies report."""

    def __init__(self, ids: Iterator[str], size: int) -> None:
        self._ids = ids
        self.size = size

    def take(self) -> list[str]:
        return list(islice(self._ids, self.size))

    def learn(self, ids: int, requested: float | None) -> None:
        if requested and ids == self.size:
            affordable = int(ids * TARGET_POINTS / requested)
            self.size = max(1, min(MOST_IDS, affordable, self.size * 2))

    def shrink(self, failed: int) -> None:
        self.size = max(1, min(self.size, failed // 2))


async def fetch_nodes(
    client: ShopifyClient, query: EntityQuery, ids: Iterable[int | str], path: Path, *, batch: int = FIRST_BATCH
) -> FetchedNodes:
    """Read nodes by id with a query of the kind 'ids' and write one line for each to `path`.

    `ids` are numbers or gids, and may be a stream. A connection below a node arrives whole, as `{"nodes": [...]}`:
    pages beyond the first are read by follow-up queries. `batch` is the size of the first request; later ones grow or
    shrink with the cost. Several requests are under way at once, so lines come in no order.

    Raises InvalidQuery for a query that cannot be followed, and what the client raises; then there is no file.
    """
    kind, nested = node_type(query), nested_connections(query)
    gids = (str(one) if isinstance(one, str) else f"gid://shopify/{kind}/{one}" for one in ids)
    batches, result = _Batches(gids, batch), FetchedNodes(path)
    reader = _NodeReader(client, query, nested)
    with written(path) as file:
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(CONCURRENT_BATCHES):
                    group.create_task(_work(reader, batches, file, result))
        except ExceptionGroup as failures:
            # One failure stops all; the caller wants it, not the group.
            raise failures.exceptions[0] from None
    return result


@contextmanager
def written(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when it is complete."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


async def _work(reader: "_NodeReader", batches: _Batches, file: BinaryIO, result: FetchedNodes) -> None:
    while ids := batches.take():
        nodes = await reader.read(ids, batches)
        result.asked += len(ids)
        for gid, node in zip(ids, nodes, strict=True):
            if node:
                file.write(orjson.dumps(node, option=orjson.OPT_APPEND_NEWLINE))
                result.arrived += 1
            else:
                result.missing.append(gid)


class _NodeReader:
    def __init__(self, client: ShopifyClient, query: EntityQuery, nested: tuple[NestedConnection, ...]) -> None:
        self._client, self._query, self._nested = client, query, nested
        self._text = query.text

    async def read(self, ids: list[str], batches: _Batches) -> list[dict[str, Any] | None]:
        """The nodes in the order of their ids; None, or an empty object for another type, where there is none."""
        try:
            reply = await self._client.execute(self._text, {"ids": ids}, operation=self._query.entity)
        except QueryTooExpensive:
            if len(ids) == 1:
                raise
            batches.shrink(len(ids))
            half = len(ids) // 2
            return await self.read(ids[:half], batches) + await self.read(ids[half:], batches)
        batches.learn(len(ids), reply.cost.requested if reply.cost else None)
        nodes: list[dict[str, Any] | None] = reply.data[self._query.root]
        return [
            await whole_node(self._client, self._query, self._nested, gid, node) if node else None
            for gid, node in zip(ids, nodes, strict=True)
        ]


async def whole_node(
    client: ShopifyClient, query: EntityQuery, nested: Sequence[NestedConnection], gid: str, node: dict[str, Any]
) -> dict[str, Any] | None:
    """The node with all pages of its connections; None if it is deleted while they are read."""
    for connection in nested:
        first: dict[str, Any] = node.get(connection.key) or {}
        page = first.pop("pageInfo", {"hasNextPage": False})
        while page["hasNextPage"]:
            variables = {"id": gid, "after": page["endCursor"]}
            reply = await client.execute(connection.follow_up, variables, operation=query.entity)
            further = (reply.data["node"] or {}).get(connection.key)
            if further is None:
                return None
            first["nodes"].extend(further["nodes"])
            page = further["pageInfo"]
    return node


async def fetch_single(client: ShopifyClient, query: EntityQuery, path: Path) -> int:
    """Read the root object of a query of the kind 'single' and write it as one line; the number of lines (0 or 1)."""
    if query.kind != "single":
        raise InvalidQuery(
            f"The query {query.path} does not ask for one object; read {query.entity} in bulk or by ids."
        )
    reply = await client.execute(query.text, operation=query.entity)
    found = reply.data[query.root]
    with written(path) as file:
        file.write(orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE) if found else b"")
    return 1 if found else 0


async def fetch_all(
    client: ShopifyClient,
    document: str,
    root: str,
    *,
    variables: Mapping[str, Any] | None = None,
    page_size: int = PAGE_SIZE,
) -> AsyncIterator[list[dict[str, Any]]]:
    """Pages of a root connection, as lists of nodes.

    The document takes `$first: Int!` and `$after: String`, and selects `nodes` and `pageInfo { hasNextPage endCursor }`
    below `root`. Shopify pages to 25,000 objects; use a bulk operation for more.
    """
    after: str | None = None
    while True:
        asked = {**(variables or {}), "first": page_size, "after": after}
        reply = await client.execute(document, asked, operation=root)
        connection = reply.data[root]
        yield connection["nodes"]
        if not connection["pageInfo"]["hasNextPage"]:
            return
        after = connection["pageInfo"]["endCursor"]
