import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.peers.rest_orders import PAGE
from bench.peers.site import ORIGIN, Site
from bench.peers.vocabulary import LINES_PER_ORDER

ORDERS = PAGE + 10
QUERY = '{ orders(query: "%s") { edges { node { __typename id lineItems { edges { node { id } } } } } } }'
RUN = "mutation($query: String!) { bulkOperationRunQuery(query: $query%s) { bulkOperation { id status } } }"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, ORDERS, 0.0)


def asked(site: Site, *requests: tuple[str, str, Any]) -> list[httpx.Response]:
    async def ask() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url=ORIGIN) as http:
            return [await http.request(method, url, json=body) for method, url, body in requests]

    return asyncio.run(ask())


def exported(site: Site, query: str, *, version: str = "2026-10", grouping: str = "") -> list[dict[str, Any]]:
    path = f"/admin/api/{version}/graphql.json"
    [started] = asked(site, ("POST", path, {"query": RUN % grouping, "variables": {"query": query}}))
    operation = started.json()["data"]["bulkOperationRunQuery"]["bulkOperation"]
    assert operation["status"] == "CREATED"
    [polled] = asked(site, ("POST", path, {"query": f'{{ node(id: "{operation["id"]}") {{ id }} }}'}))
    state = polled.json()["data"]["node"]
    assert state["status"] == "COMPLETED"
    [result] = asked(site, ("GET", state["url"], None))
    lines = [json.loads(line) for line in result.text.splitlines()]
    assert len(lines) == int(state["objectCount"])
    assert len(result.content) == int(state["fileSize"])
    return lines


def test_pages_of_orders_lead_from_one_to_the_next_and_hold_every_order_once(site: Site) -> None:
    url, ids = "/admin/api/2026-10/orders.json?limit=250", []
    while url:
        [page] = asked(site, ("GET", url, None))
        ids += [order["id"] for order in page.json()["orders"]]
        assert page.headers["x-shopify-shop-api-call-limit"]
        url = page.links.get("next", {}).get("url", "")
    assert len(ids) == len(set(ids)) == ORDERS


def test_a_bulk_result_holds_every_order_with_its_lines(site: Site) -> None:
    lines = exported(site, QUERY % "2026-01-01")
    orders = {line["id"] for line in lines if "__parentId" not in line}
    parents = [line["__parentId"] for line in lines if "__parentId" in line]
    assert len(orders) == ORDERS
    assert sorted(parents) == sorted([*orders] * LINES_PER_ORDER)


def test_children_follow_their_parent_only_where_grouping_is_asked_for_or_the_version_groups_by_itself(
    site: Site,
) -> None:
    def grouped(lines: list[dict[str, Any]]) -> bool:
        return "__parentId" in lines[1]

    assert not grouped(exported(site, QUERY % "a"))
    assert grouped(exported(site, QUERY % "a", grouping=", groupObjects: true"))
    assert grouped(exported(site, QUERY % "a", version="2025-07"))


def test_a_query_that_was_asked_once_is_rendered_before_the_next_start_answers(site: Site, tmp_path: Path) -> None:
    exported(site, QUERY % "2026-01-01")
    Site(tmp_path, 3, 0.0)
    [prepared] = (tmp_path / "results").glob("*-3.jsonl")
    written = prepared.stat().st_mtime_ns
    again = exported(Site(tmp_path, 3, 0.0), QUERY % "2026-05-05")  # another window is the same query
    assert len(again) == 3 * (1 + LINES_PER_ORDER)
    assert prepared.stat().st_mtime_ns == written


def test_the_notes_tell_how_long_a_result_waited_to_be_read(site: Site) -> None:
    exported(site, QUERY % "2026-01-01")
    [notes] = asked(site, ("GET", "/notes", None))
    assert notes.json()["refused"] == []
    assert len(notes.json()["waits"]) == 1
    assert notes.json()["waits"][0] >= 0
    assert notes.json()["bytes"] > 0
