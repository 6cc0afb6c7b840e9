"""The network half against the sandbox: every entity is read over the wire, and every fault is survived or told."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from pipelines.config import MerchantMetafield, Shop
from pipelines.door.lines import count_lines
from pipelines.failures import (
    AccessDenied,
    AuthenticationFailed,
    BulkOperationFailed,
    InvalidQuery,
    SourceError,
    SourceUnavailable,
    VersionMismatch,
)
from pipelines.shopify.bulk import BulkRunner
from pipelines.shopify.bulk_export import Export, export
from pipelines.shopify.bulk_query import EntityQuery, load_entity_queries
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.paging import fetch_nodes, fetch_single
from pipelines.shopify.shop_checks import check_shop, needed_scopes
from pipelines.shopify.windows import DEFAULT_SEARCH_FIELD, SEARCH_FIELDS
from tests.sandbox_fixture import EU, US, SandboxClient, sandbox, sandbox_world  # noqa: F401

QUERIES = load_entity_queries([MerchantMetafield(owner="customers", namespace="custom", key="size")])
BULK = [query for query in QUERIES.values() if query.kind == "bulk"]


def window(query: EntityQuery) -> str | None:
    """A filter that every row passes."""
    field = SEARCH_FIELDS.get(query.entity, DEFAULT_SEARCH_FIELD)
    return f"{field}:>='2020-01-01T00:00:00Z'" if query.is_incremental else None


def of(sandbox: SandboxClient, domain: str = US, **settings: Any) -> Shop:  # noqa: F811
    values = {"client_id": "sandbox-client", "client_secret": "sandbox-secret", "base_url": sandbox.base_url(domain)}
    return Shop(**{"name": "us" if domain == US else "eu", "domain": domain, **values, **settings})


def work(shop: Shop, what: Callable[[ShopifyClient], Awaitable[Any]], **limits: Any) -> Any:
    async def run() -> Any:
        async with ShopifyClient(shop, **limits) as client:
            return await what(client)

    return asyncio.run(run())


def exported(shop: Shop, entity: str, folder: Path, **limits: Any) -> Export:
    async def one(client: ShopifyClient) -> Export:
        runner = BulkRunner(client, poll_seconds=0.02, **limits)
        return await export(runner, QUERIES[entity].bulk_text(), folder / f"{entity}.jsonl", name=entity)

    return work(shop, one)


def refused(shop: Shop, folder: Path, failure: type[SourceError], **limits: Any) -> str:
    with pytest.raises(failure) as caught:
        exported(shop, "orders", folder, **limits)
    assert list(folder.glob("orders*")) == []
    return str(caught.value)


@pytest.mark.parametrize("domain", [US, EU])
def test_every_entity_is_exported_whole_five_at_a_time(sandbox: SandboxClient, tmp_path: Path, domain: str) -> None:  # noqa: F811
    async def everything(client: ShopifyClient) -> list[Export]:
        await check_shop(client, needed_scopes(QUERIES.values()))
        runner = BulkRunner(client, poll_seconds=0.02)
        return await asyncio.gather(
            *(
                export(
                    runner,
                    query.bulk_text(window(query)),
                    tmp_path / "raw" / f"{query.entity}.jsonl",
                    name=query.entity,
                )
                for query in BULK
            )
        )

    sandbox.settings(plan="enterprise")
    done = dict(zip([query.entity for query in BULK], work(of(sandbox, domain), everything), strict=True))
    for entity, one in done.items():
        arrived = count_lines(one.download.path) if one.download else 0
        assert arrived == one.operation.object_count, entity
    assert done["orders"].operation.root_object_count > 100
    assert not any(entry["with_token"] for entry in sandbox.log(kind="download"))


def test_refunds_arrive_with_everything_below_them(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    shop, path = of(sandbox), tmp_path / "refund_details.jsonl"
    orders = exported(shop, "orders", tmp_path).download
    assert orders is not None
    lines = [orjson.loads(line) for line in orders.path.read_bytes().splitlines()]
    ids = [refund["id"] for line in lines for refund in line.get("refunds", ())]
    assert ids
    gone = "gid://shopify/Refund/1"
    result = work(shop, lambda client: fetch_nodes(client, QUERIES["refund_details"], [*ids, gone], path))
    assert (result.arrived, result.missing) == (len(ids), [gone])
    assert {orjson.loads(line)["id"] for line in path.read_bytes().splitlines()} == set(ids)


def test_the_shop_itself_is_read_as_one_line(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "shop.jsonl"
    assert work(of(sandbox, EU), lambda client: fetch_single(client, QUERIES["shop"], path)) == 1
    assert orjson.loads(path.read_bytes())["currencyCode"] == "EUR"


SURVIVED: dict[str, list[dict[str, Any]]] = {
    "errors of the server": [{"kind": "http_status", "status": 503, "times": 2}],
    "an internal error": [{"kind": "internal_error", "times": 2}],
    "too many requests": [{"kind": "http_status", "status": 429, "headers": {"Retry-After": "0.1"}, "times": 1}],
    "throttling": [{"kind": "throttled", "times": 3}],
    "dropped connections": [{"kind": "drop_connection", "times": 2}],
    "a submission whose reply is lost": [
        {"kind": "drop_connection", "after": True, "root": "bulkOperationRunQuery", "times": 1}
    ],
    "an expired token": [{"kind": "expired_token", "times": 1}],
    "a failed operation": [{"kind": "bulk_failed", "errorCode": "INTERNAL_SERVER_ERROR", "times": 1}],
    "a cancelled operation": [{"kind": "bulk_canceled", "partial": 0.5, "times": 1}],
    "a truncated download": [{"kind": "truncated_download", "share": 0.5, "times": 2}],
    "an expired url": [{"kind": "expired_url", "times": 2}],
}


@pytest.mark.parametrize("fault", SURVIVED)
def test_an_export_survives(sandbox: SandboxClient, tmp_path: Path, fault: str) -> None:  # noqa: F811
    sandbox.faults(*SURVIVED[fault])
    done = exported(of(sandbox), "orders", tmp_path)
    assert done.download is not None
    assert count_lines(done.download.path) == done.operation.object_count


def test_a_stuck_operation_is_cancelled_and_exported_again(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    sandbox.faults({"kind": "bulk_stuck", "times": 1})
    assert exported(of(sandbox), "orders", tmp_path, stall=0.5).download is not None


def test_a_compressed_result_arrives_as_it_is(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    sandbox.settings(gzip_results=True)
    done = exported(of(sandbox), "orders", tmp_path)
    assert done.download is not None
    assert done.download.path.name == "orders.jsonl.gz"
    assert count_lines(done.download.path) == done.operation.object_count


def test_an_operation_that_never_ends_is_told(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    sandbox.faults({"kind": "bulk_stuck"})
    assert "did not end within" in refused(of(sandbox), tmp_path, BulkOperationFailed, timeout=0.5)


def test_an_operation_that_keeps_failing_is_told(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    sandbox.faults({"kind": "bulk_failed", "errorCode": "TIMEOUT"})
    assert "FAILED with TIMEOUT" in refused(of(sandbox), tmp_path, BulkOperationFailed)


def test_a_wrong_secret_is_told(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    sentence = refused(of(sandbox, client_secret="wrong"), tmp_path, AuthenticationFailed)
    assert "BOOMERANG_SHOPS__US__CLIENT_SECRET" in sentence


def test_a_wrong_token_is_told(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    sentence = refused(of(sandbox, access_token="shpat_wrong"), tmp_path, AuthenticationFailed)
    assert "BOOMERANG_SHOPS__US__ACCESS_TOKEN" in sentence


def test_a_refused_scope_is_told_at_start_up(sandbox: SandboxClient) -> None:  # noqa: F811
    sandbox.settings(scopes=["read_orders"])
    with pytest.raises(AccessDenied, match="read_all_orders, read_returns"):
        work(of(sandbox), lambda client: check_shop(client, needed_scopes([QUERIES["returns"]])))


@pytest.mark.parametrize(("version", "failure"), [("2025-10", VersionMismatch), ("2031-01", SourceUnavailable)])
def test_an_unknown_version_is_told(
    sandbox: SandboxClient,  # noqa: F811
    tmp_path: Path,
    version: str,
    failure: type[SourceError],
) -> None:
    assert "api_version" in refused(of(sandbox, api_version=version), tmp_path, failure)


def test_an_unknown_search_field_is_told(sandbox: SandboxClient) -> None:  # noqa: F811
    text = 'query Q { orders(first: 1, query: "updated:>1") { nodes { id } } }'
    with pytest.raises(InvalidQuery, match="everything matches"):
        work(of(sandbox), lambda client: client.execute(text, operation="orders"))


def test_a_shop_that_does_not_answer_is_told(sandbox: SandboxClient) -> None:  # noqa: F811
    sandbox.faults({"kind": "latency", "ms": 2_000})
    with pytest.raises(SourceUnavailable, match="ReadTimeout"):
        work(of(sandbox), lambda client: check_shop(client, []), request_timeout=0.2, attempts=2)


def test_reading_begins_within_two_seconds_of_completion(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    """From the operation's completion to the complete file, with the polls of the default settings."""
    sandbox.settings(bulk_seconds=1.0)

    async def timed(client: ShopifyClient) -> float:
        loop = asyncio.get_running_loop()
        submitted: list[float] = []

        async def note(operation_id: str) -> None:
            submitted.append(loop.time())

        text = QUERIES["orders"].bulk_text()
        await export(BulkRunner(client), text, tmp_path / "o.jsonl", name="orders", on_submitted=note)
        return loop.time() - submitted[0] - 1.0

    assert work(of(sandbox), timed) < 2.0
