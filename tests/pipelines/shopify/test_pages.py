"""Connections that no bulk operation reaches arrive whole: longer than may be paged, and with what is below."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.config import Shop
from pipelines.failures import InvalidQuery
from pipelines.shopify.bulk_query import QUERIES, EntityQuery, load_entity_query
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.pages import Pages, fetch_pages
from sandbox.store import Store
from tests.sandbox_fixture import US, SandboxClient, sandbox, sandbox_world  # noqa: F401

SINCE = {"payouts": "issued_at", "balance_transactions": "processed_at"}


@pytest.fixture
def store(sandbox: SandboxClient) -> Iterator[Store]:  # noqa: F811
    """The documents behind the sandbox."""
    opened = Store(sandbox.running.working)
    yield opened
    opened.close()


def query_of(entity: str) -> EntityQuery:
    return load_entity_query(QUERIES / f"{entity}.graphql")


def fetched(
    sandbox: SandboxClient,  # noqa: F811
    query: EntityQuery,
    path: Path,
    search: str | None = None,
    **options: Any,
) -> tuple[Pages, list[dict[str, Any]]]:
    shop = Shop(
        name="us", domain=US, base_url=sandbox.base_url(), client_id="sandbox-client", client_secret="sandbox-secret"
    )

    async def run() -> Pages:
        async with ShopifyClient(shop) as client:
            return await fetch_pages(client, query, search, path, **options)

    pages = asyncio.run(run())
    return pages, [orjson.loads(line) for line in path.read_bytes().splitlines()]


@pytest.mark.parametrize("entity", ["payouts", "balance_transactions"])
def test_a_connection_longer_than_it_may_be_paged_arrives_whole_and_once(
    sandbox: SandboxClient,  # noqa: F811
    store: Store,
    tmp_path: Path,
    entity: str,
) -> None:
    kind = {"payouts": "ShopifyPaymentsPayout", "balance_transactions": "ShopifyPaymentsBalanceTransaction"}[entity]
    there = {doc["id"] for doc in store.scan(US, kind)}
    sizes: list[int] = []
    search = f"{SINCE[entity]}:>='2020-01-01T00:00:00Z'"
    pages, lines = fetched(sandbox, query_of(entity), tmp_path / "x.jsonl", search, most=30, on_page=sizes.append)
    assert len(lines) == len(there) == pages.nodes > 60
    assert {line["id"] for line in lines} == there
    assert max(sizes) == 30


def test_a_window_brings_only_its_own(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    search = "processed_at:>='2026-10-01T00:00:00Z' processed_at:<'2026-10-08T00:00:00Z'"
    _, lines = fetched(sandbox, query_of("balance_transactions"), tmp_path / "x.jsonl", search)
    assert lines
    assert all("2026-10-01" <= line["transactionDate"] < "2026-10-08" for line in lines)


def test_what_is_below_a_node_arrives_to_its_end(
    sandbox: SandboxClient,  # noqa: F811
    store: Store,
    tmp_path: Path,
) -> None:
    text = (QUERIES / "price_lists.graphql").read_text(encoding="utf-8").replace("first: 250", "first: 40")
    (tmp_path / "price_lists.graphql").write_text(text, encoding="utf-8")
    _, lines = fetched(sandbox, load_entity_query(tmp_path / "price_lists.graphql"), tmp_path / "x.jsonl")
    (kept,) = store.scan(US, "PriceList")
    assert len(lines) == 1
    variants = [price["variant"]["id"] for price in lines[0]["prices"]["nodes"]]
    assert variants == [price["variant"]["id"] for price in kept["prices"]]
    assert len(variants) > 40


def test_a_page_that_costs_too_much_is_asked_for_in_smaller_ones(
    sandbox: SandboxClient,  # noqa: F811
    tmp_path: Path,
) -> None:
    text = (QUERIES / "price_lists.graphql").read_text(encoding="utf-8")
    below = text[text.index("        prices(") : text.index("      }\n    }\n    pageInfo")]
    more = "".join(below.replace("prices(", f"more{number}: prices(") for number in range(3))
    (tmp_path / "price_lists.graphql").write_text(text.replace(below, below + more))
    sizes: list[int] = []
    query = load_entity_query(tmp_path / "price_lists.graphql")
    _, lines = fetched(sandbox, query, tmp_path / "x.jsonl", on_page=sizes.append)
    assert sizes == [0, 1]
    assert len(lines[0]["more2"]["nodes"]) == len(lines[0]["prices"]["nodes"])


def test_a_shop_without_the_account_has_no_rows_and_says_why(
    sandbox: SandboxClient,  # noqa: F811
    store: Store,
    tmp_path: Path,
) -> None:
    for doc in list(store.scan(US, "ShopifyPaymentsAccount")):
        store.delete(US, doc["id"])
    pages, lines = fetched(sandbox, query_of("payouts"), tmp_path / "x.jsonl", "issued_at:>='2020-01-01T00:00:00Z'")
    assert lines == []
    assert (pages.nodes, pages.absent) == (0, "shopifyPaymentsAccount")


def test_a_query_that_hides_further_pages_is_refused(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    text = (QUERIES / "payouts.graphql").read_text(encoding="utf-8").replace("pageInfo { hasNextPage endCursor }", "")
    (tmp_path / "payouts.graphql").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidQuery, match="must select nodes and pageInfo"):
        fetched(sandbox, load_entity_query(tmp_path / "payouts.graphql"), tmp_path / "x.jsonl")
    assert not list(tmp_path.glob("x.jsonl*"))
