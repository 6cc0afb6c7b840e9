import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.failures import InvalidQuery, SourceUnavailable
from pipelines.shopify.bulk_query import QUERIES, EntityQuery, load_entity_query
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.connections import nested_connections
from pipelines.shopify.paging import FetchedNodes, fetch_all, fetch_nodes, fetch_single
from tests.pipelines.shopify.admin import Script, connected, data, error
from tests.pipelines.shopify.loopback import Request, Response

REFUNDS = load_entity_query(QUERIES / "refund_details.graphql")
LISTS = ("refundLineItems", "orderAdjustments", "refundShippingLines", "transactions")
DONE = {"hasNextPage": False, "endCursor": None}


class Refunds:
    """Refunds with as many lines as their number, in pages of 40 and 250; some do not exist."""

    def __init__(self, points_a_node: float = 4.0, missing: frozenset[int] = frozenset()) -> None:
        self.points, self.missing = points_a_node, missing
        self.batches: list[int] = []
        self.pages = 0

    async def __call__(self, request: Request) -> Response:
        variables = request.json["variables"]
        if "ids" not in variables:
            return self.page(int(variables["id"].rsplit("/", 1)[1]), int(variables["after"]))
        ids = [int(gid.removeprefix("gid://shopify/Refund/")) for gid in variables["ids"]]
        cost = len(ids) * self.points
        if cost > 1000:
            return error("Query cost is too high", "MAX_COST_EXCEEDED", cost=cost, maxCost=1000)
        self.batches.append(len(ids))
        status = {"maximumAvailable": 40_000, "currentlyAvailable": 39_000, "restoreRate": 2_000}
        body = {
            "data": {"nodes": [None if number in self.missing else self.refund(number) for number in ids]},
            "extensions": {"cost": {"requestedQueryCost": cost, "actualQueryCost": cost, "throttleStatus": status}},
        }
        return Response(body)

    def refund(self, number: int) -> dict[str, Any]:
        node: dict[str, Any] = {"__typename": "Refund", "id": f"gid://shopify/Refund/{number}"}
        for name in LISTS:
            node[name] = {"nodes": [], "pageInfo": DONE}
        node["refundLineItems"] = self.lines(number, 0, 40)
        return node

    def lines(self, number: int, start: int, size: int) -> dict[str, Any]:
        end = min(number, start + size)
        info = {"hasNextPage": end < number, "endCursor": str(end)}
        return {"nodes": [{"id": f"{number}-{line}"} for line in range(start, end)], "pageInfo": info}

    def page(self, number: int, after: int) -> Response:
        self.pages += 1
        if number in self.missing:
            return data(node=None)
        return data(node={"refundLineItems": self.lines(number, after, 250)})


def fetch(handler: Any, ids: Any, path: Path, query: EntityQuery = REFUNDS, **how: Any) -> FetchedNodes:
    async def run() -> FetchedNodes:
        async with connected(handler) as client:
            return await fetch_nodes(client, query, ids, path, **how)

    return asyncio.run(run())


def lines_of(path: Path) -> dict[int, dict[str, Any]]:
    nodes = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return {int(node["id"].rsplit("/", 1)[1]): node for node in nodes}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "refund_details.jsonl"


def test_nodes_arrive_with_all_pages_of_their_connections(path: Path) -> None:
    refunds = Refunds()
    result = fetch(refunds, [3, 40, 41, 700], path)
    nodes = lines_of(path)
    assert {number: len(node["refundLineItems"]["nodes"]) for number, node in nodes.items()} == {
        number: number for number in (3, 40, 41, 700)
    }
    assert len({line["id"] for line in nodes[700]["refundLineItems"]["nodes"]}) == 700
    assert refunds.pages == 1 + 3
    assert "pageInfo" not in nodes[700]["refundLineItems"]
    assert (result.asked, result.arrived, result.missing) == (4, 4, [])


def test_what_shopify_does_not_have_is_reported(path: Path) -> None:
    result = fetch(Refunds(missing=frozenset({2})), ["gid://shopify/Refund/1", 2, 3], path)
    assert (result.asked, result.arrived, result.missing) == (3, 2, ["gid://shopify/Refund/2"])
    assert set(lines_of(path)) == {1, 3}


def test_a_node_that_is_deleted_while_it_is_read_counts_as_missing(path: Path) -> None:
    refunds = Refunds()

    async def vanishing(request: Request) -> Response:
        answer = await refunds(request)
        refunds.missing = frozenset({50})
        return answer

    assert fetch(vanishing, [50], path).missing == ["gid://shopify/Refund/50"]
    assert lines_of(path) == {}


def test_batches_grow_to_what_one_request_may_cost(path: Path) -> None:
    refunds = Refunds(points_a_node=4.0)
    result = fetch(refunds, (number % 40 for number in range(1, 4001)), path)
    assert result.asked == 4000
    assert refunds.batches[0] == 20
    assert max(refunds.batches) == 200  # 800 points
    assert sum(refunds.batches) == 4000


def test_a_batch_that_is_too_expensive_is_split(path: Path) -> None:
    refunds = Refunds(points_a_node=300.0)
    assert fetch(refunds, range(1, 40), path).arrived == 39
    assert max(refunds.batches) <= 3


def test_no_ids_make_an_empty_file(path: Path) -> None:
    assert fetch(Refunds(), [], path).asked == 0
    assert path.read_bytes() == b""


def test_a_failure_ends_in_its_sentence_and_leaves_no_file(path: Path) -> None:
    async def broken(request: Request) -> Response:
        return Response(status=503)

    with pytest.raises(SourceUnavailable, match="at refund_details"):
        fetch(broken, range(1000), path)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ("lines(first: 5) { nodes { id } }", "pageInfo"),
        ("lines(first: 5) { nodes { id } pageInfo { hasNextPage } }", "pageInfo"),
        (
            "lines(first: 5) { nodes { id more(first: 5) { nodes { id } } } pageInfo { hasNextPage endCursor } }",
            "nests a connection in lines",
        ),
    ],
)
def test_a_connection_whose_pages_would_be_lost_is_refused(tmp_path: Path, selection: str, words: str) -> None:
    path = tmp_path / "things.graphql"
    path.write_text(f"query Q($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Thing {{ id {selection} }} }} }}")
    with pytest.raises(InvalidQuery, match=f"things.graphql.*{words}"):
        nested_connections(load_entity_query(path))


def test_a_single_object_is_written_as_one_line(path: Path) -> None:
    async def run(client: ShopifyClient) -> int:
        return await fetch_single(client, load_entity_query(QUERIES / "shop.graphql"), path)

    async def inside() -> int:
        async with connected(Script([data(shop={"id": "gid://shopify/Shop/1"})])) as client:
            return await run(client)

    assert asyncio.run(inside()) == 1
    assert path.read_bytes() == b'{"id":"gid://shopify/Shop/1"}\n'


def test_a_connection_is_paged_to_its_end() -> None:
    async def pages(request: Request) -> Response:
        variables = request.json["variables"]
        start = int(variables["after"] or 0)
        end = min(start + variables["first"], 7)
        info = {"hasNextPage": end < 7, "endCursor": str(end)}
        return data(orders={"nodes": [{"id": n} for n in range(start, end)], "pageInfo": info})

    async def run() -> list[int]:
        async with connected(pages) as client:
            text = "query Q($first: Int!, $after: String) { orders(first: $first, after: $after) { nodes { id } } }"
            return [node["id"] async for page in fetch_all(client, text, "orders", page_size=3) for node in page]

    assert asyncio.run(run()) == list(range(7))
