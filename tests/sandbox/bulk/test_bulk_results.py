"""Result files: fetched without a token, by range, compressed, for seven days."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox_fixture import SandboxClient

ORDERS = """{ orders(sortKey: UPDATED_AT) { edges { node { __typename id updatedAt
  lineItems { edges { node { __typename id sku quantity } } } } } } }"""


def test_a_result_needs_no_token_and_can_be_resumed(sandbox: SandboxClient) -> None:
    operation = sandbox.bulk(ORDERS)
    whole = httpx.get(operation["url"])
    assert whole.headers["content-type"].startswith("application/jsonl")
    rest = httpx.get(operation["url"], headers={"Range": "bytes=100-"})
    assert rest.status_code == 206
    assert rest.content == whole.content[100:]
    forged = operation["url"].replace("Signature=", "Signature=0")
    assert httpx.get(forged).status_code == 403


def test_a_download_may_end_early_and_go_on_by_range(sandbox: SandboxClient) -> None:
    operation = sandbox.bulk(ORDERS)
    sandbox.faults({"kind": "truncated_download", "times": 1, "share": 0.25})
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(operation["url"])
    assert len(httpx.get(operation["url"]).content) == int(operation["fileSize"])


def test_a_url_ends_seven_days_after_completion(sandbox: SandboxClient) -> None:
    operation = sandbox.bulk(ORDERS)
    sandbox.advance(days=6.9)
    assert httpx.get(operation["url"]).status_code == 200
    sandbox.advance(days=0.2)
    assert httpx.get(operation["url"]).status_code == 400


def test_results_may_come_compressed(sandbox: SandboxClient) -> None:
    operation = sandbox.bulk(ORDERS)
    plain = httpx.get(operation["url"])
    sandbox.settings(gzip_results=True)
    packed = httpx.get(operation["url"], headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content


def test_a_file_made_elsewhere_can_be_served(sandbox: SandboxClient, tmp_path: Any) -> None:
    ready = tmp_path / "ready.jsonl"
    ready.write_text(
        '{"id":"gid:\\/\\/shopify\\/Order\\/1"}\n{"id":"a","__parentId":"gid:\\/\\/shopify\\/Order\\/1"}\n'
    )
    sandbox.post_meta("prerendered", {"root": "orders", "path": str(ready)})
    operation = sandbox.bulk(ORDERS)
    assert (operation["objectCount"], operation["rootObjectCount"]) == ("2", "1")
    assert sandbox.lines(operation) == ready.read_bytes().splitlines()
