"""Bulk queries: what is refused, what comes out, in which order, and how operations end."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any

import httpx
import pytest

from tests.sandbox_fixture import POLL, RUN, SandboxClient

ORDERS = """{ orders(sortKey: UPDATED_AT) { edges { node { __typename id updatedAt
  lineItems { edges { node { __typename id sku quantity } } } } } } }"""

REFUSALS: list[tuple[str, list[str]]] = [
    (
        "{ products { nodes { id } } }",
        [
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
            "'products { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: 'products'"
            "."
        ],
    ),
    (
        '{ node(id: "gid://shopify/Order/1") { id } }',
        ["Bulk queries cannot contain a top level `node` field.", "Bulk queries must contain at least one connection."],
    ),
    ("{ shop { id } }", ["Bulk queries must contain at least one connection."]),
    (
        """{ products { edges { node { id variants { edges { node { id product { collections { edges { node { id
          products { edges { node { id } } } } } } } } } } } } } }""",
        ["Bulk queries cannot contain connections with a nesting depth greater than 2."],
    ),
    (
        """{ orders { edges { node { id lineItems { edges { node { id } } } shippingLines { edges { node { id } } }
          returns { edges { node { id } } } events { edges { node { id } } } metafields { edges { node { id
            } } } } } } }""",
        ["Bulk queries cannot contain more than 5 connections."],
    ),
    (
        "{ products { edges { node { title variants { edges { node { id } } } } } } }",
        [
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be "
            "of 'ID' return type. Connection fields without 'id': products."
        ],
    ),
    (
        'mutation { tagsAdd(id: "gid://shopify/Customer/1", tags: ["a"]) { node { id } } }',
        ["Invalid operation type. Only `query` operations are supported."],
    ),
    (
        "{ orders { edges { node { id refunds { id refundLineItems { edges { node { quantity } } } } } } } }",
        ["Queries that contain a connection field within a list field are not currently supported."],
    ),
    ("{ orders { edges { node { id }", ["Invalid bulk query: syntax error, unexpected end of file"]),
    (
        "{ orders { edges { node { id } } } } #" + "x" * 65_498,
        ["Query is too large (65536 bytes; maximum is 65535 bytes)"],
    ),
]


@pytest.mark.parametrize(("query", "messages"), REFUSALS)
def test_a_bulk_query_that_breaks_a_rule_is_refused(sandbox: SandboxClient, query: str, messages: list[str]) -> None:
    payload = sandbox.ask(RUN, {"q": query, "g": False})["bulkOperationRunQuery"]
    assert payload["bulkOperation"] is None
    assert [error["message"] for error in payload["userErrors"]] == messages
    assert all(error["field"] == ["query"] and error["code"] == "INVALID" for error in payload["userErrors"])


def test_an_operation_is_created_then_completed_with_counts_as_texts(sandbox: SandboxClient) -> None:
    created = sandbox.ask(RUN, {"q": ORDERS, "g": False})["bulkOperationRunQuery"]["bulkOperation"]
    assert created["status"] == "CREATED"
    assert (created["objectCount"], created["rootObjectCount"]) == ("0", "0")
    assert created["completedAt"] is created["fileSize"] is created["url"] is created["partialDataUrl"] is None
    done = sandbox.finished(created["id"])
    lines = sandbox.lines(done)
    assert done["status"] == "COMPLETED"
    assert int(done["objectCount"]) == len(lines)
    assert int(done["rootObjectCount"]) == sandbox.state()["counts"]["Order"]
    assert int(done["fileSize"]) == sum(len(line) + 1 for line in lines)


def test_slashes_are_escaped_and_children_name_their_parent(sandbox: SandboxClient) -> None:
    lines = sandbox.lines(sandbox.bulk(ORDERS))
    assert lines[0].startswith(b'{"__typename":"Order","id":"gid:\\/\\/shopify\\/Order\\/')
    seen: set[str] = set()
    for line in map(json.loads, lines):
        if "__parentId" in line:
            assert line["__parentId"] in seen, "a child comes after its parent"
        seen.add(line["id"])


def test_ungrouped_lines_interleave_and_keep_the_order_of_their_connection(sandbox: SandboxClient) -> None:
    lines = [json.loads(line) for line in sandbox.lines(sandbox.bulk(ORDERS))]
    moments = [line["updatedAt"] for line in lines if line["__typename"] == "Order"]
    assert moments == sorted(moments)
    followed = sum(
        1
        for line, after in itertools.pairwise(lines)
        if line["__typename"] == "Order" and after.get("__parentId") == line["id"]
    )
    assert followed < len(moments) / 10


def test_grouped_children_follow_their_parent_and_the_content_is_the_same(sandbox: SandboxClient) -> None:
    loose = sandbox.lines(sandbox.bulk(ORDERS))
    grouped = sandbox.lines(sandbox.bulk(ORDERS, grouped=True))
    assert sorted(loose) == sorted(grouped)
    parent = ""
    for line in map(json.loads, grouped):
        if "__parentId" in line:
            assert line["__parentId"] == parent
        else:
            parent = line["id"]


def test_a_bulk_line_holds_what_an_ordinary_query_answers(sandbox: SandboxClient) -> None:
    fields = """__typename id legacyResourceId name totalPrice displayFinancialStatus tags customer { id }
      totalPriceSet { shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }
      transactions(first: 9) { id kind amountSet { shopMoney { amount } } } refunds { id totalRefundedSet {
        shopMoney { amount } } }
      purchasingEntity { __typename } shippingAddress { countryCodeV2 } metafield(namespace: "none", key:
        "none") { value }"""
    ordinary = sandbox.ask(f"{{ orders(first: 250, sortKey: ID) {{ nodes {{ {fields} }} }} }}")["orders"]["nodes"]
    lines = sandbox.lines(sandbox.bulk(f"{{ orders(sortKey: ID) {{ edges {{ node {{ {fields} }} }} }} }}"))
    assert [json.loads(line) for line in lines[:250]] == ordinary


def test_an_empty_export_completes_without_a_url(sandbox: SandboxClient) -> None:
    operation = sandbox.bulk("{ orders(query: \"updated_at:>='2040-01-01T00:00:00Z'\") { edges { node { id } } } }")
    assert (operation["status"], operation["objectCount"], operation["url"]) == ("COMPLETED", "0", None)


def test_a_window_holds_what_its_bounds_say(sandbox: SandboxClient) -> None:
    query = """{ orders(query: "updated_at:>='2026-09-01T00:00:00Z' updated_at:<'2026-10-01T00:00:00Z'",
      sortKey: UPDATED_AT) {
      edges { node { id updatedAt } } } }"""
    moments = [json.loads(line)["updatedAt"] for line in sandbox.lines(sandbox.bulk(query))]
    assert moments
    assert all("2026-09-01T00:00:00Z" <= moment < "2026-10-01T00:00:00Z" for moment in moments)


def test_the_sixth_operation_finds_no_slot_and_the_busy_ones_are_named(sandbox: SandboxClient) -> None:
    sandbox.faults({"kind": "bulk_stuck", "times": 5})
    running = [
        sandbox.ask(RUN, {"q": ORDERS, "g": False})["bulkOperationRunQuery"]["bulkOperation"]["id"] for _ in range(5)
    ]
    refused = sandbox.ask(RUN, {"q": ORDERS, "g": False})["bulkOperationRunQuery"]
    assert refused["bulkOperation"] is None
    assert refused["userErrors"] == [
        {
            "field": None,
            "message": f"A bulk query operation for this app and shop is already in progress: {', '.join(running)}.",
            "code": "OPERATION_IN_PROGRESS",
        }
    ]


CANCEL = (
    "mutation C($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { id status } userErrors { field message } } }"
)


def test_canceling_takes_a_slot_until_it_is_canceled(sandbox: SandboxClient) -> None:
    sandbox.settings(cancel_seconds=2)
    sandbox.faults({"kind": "bulk_stuck", "times": 5})
    running = [
        sandbox.ask(RUN, {"q": ORDERS, "g": False})["bulkOperationRunQuery"]["bulkOperation"]["id"] for _ in range(5)
    ]
    canceled = sandbox.ask(CANCEL, {"id": running[0]})["bulkOperationCancel"]
    assert canceled == {"bulkOperation": {"id": running[0], "status": "CANCELING"}, "userErrors": []}
    assert sandbox.ask(RUN, {"q": ORDERS, "g": False})["bulkOperationRunQuery"]["bulkOperation"] is None
    assert sandbox.finished(running[0])["status"] == "CANCELED"
    assert sandbox.ask(RUN, {"q": ORDERS, "g": False})["bulkOperationRunQuery"]["userErrors"] == []


def test_cancelling_what_is_done_or_unknown_gives_a_user_error(sandbox: SandboxClient) -> None:
    done = sandbox.bulk(ORDERS)
    payload = sandbox.ask(CANCEL, {"id": done["id"]})["bulkOperationCancel"]
    assert payload["bulkOperation"]["status"] == "COMPLETED"
    assert payload["userErrors"][0]["field"] is None
    unknown = sandbox.ask(CANCEL, {"id": "gid://shopify/BulkOperation/1"})["bulkOperationCancel"]
    assert unknown["userErrors"] == [{"field": ["id"], "message": "Bulk operation does not exist"}]
    other = sandbox.post(CANCEL, {"id": "gid://shopify/Product/1"}).json()["errors"][0]
    assert (other["extensions"]["code"], other["message"]) == (
        "RESOURCE_NOT_FOUND",
        "Invalid id: gid://shopify/Product/1",
    )


def test_an_unknown_operation_is_null_without_an_error(sandbox: SandboxClient) -> None:
    assert sandbox.ask(POLL, {"id": "gid://shopify/BulkOperation/1"}) == {"bulkOperation": None}


def test_operations_are_listed_by_status_and_found_as_nodes(sandbox: SandboxClient) -> None:
    done = sandbox.bulk(ORDERS)
    sandbox.faults({"kind": "bulk_stuck", "times": 1})
    stuck = sandbox.ask(RUN, {"q": ORDERS, "g": False})["bulkOperationRunQuery"]["bulkOperation"]
    time.sleep(0.05)
    query = '{ bulkOperations(first: 9, query: "operation_type:query status:running") { nodes { id status } } }'
    assert sandbox.ask(query)["bulkOperations"]["nodes"] == [{"id": stuck["id"], "status": "RUNNING"}]
    node = sandbox.ask("query N($id: ID!) { node(id: $id) { ... on BulkOperation { status } } }", {"id": done["id"]})
    assert node == {"node": {"status": "COMPLETED"}}
    body = sandbox.post('{ bulkOperations(first: 9, query: "type:QUERY") { nodes { id } } }').json()
    assert len(body["data"]["bulkOperations"]["nodes"]) == 2
    assert body["extensions"]["search"]


def test_a_failed_operation_leaves_a_part_and_its_code(sandbox: SandboxClient) -> None:
    sandbox.faults({"kind": "bulk_failed", "times": 1, "root": "orders", "errorCode": "TIMEOUT", "partial": 0.5})
    operation = sandbox.bulk(ORDERS)
    assert (operation["status"], operation["errorCode"], operation["url"]) == ("FAILED", "TIMEOUT", None)
    part = httpx.get(operation["partialDataUrl"]).content.splitlines()
    assert len(part) == int(operation["objectCount"]) > 0


def test_an_operation_may_be_canceled_by_shopify_itself(sandbox: SandboxClient) -> None:
    sandbox.faults({"kind": "bulk_canceled", "times": 1})
    assert sandbox.bulk(ORDERS)["status"] == "CANCELED"
    assert sandbox.bulk(ORDERS)["status"] == "COMPLETED"


def test_a_missing_scope_ends_in_access_denied(sandbox: SandboxClient) -> None:
    scopes = [s for s in sandbox.get_meta("settings")["scopes"] if "customers" not in s]
    sandbox.settings(scopes=scopes)
    sandbox._tokens.clear()
    operation = sandbox.bulk("{ customers { edges { node { id } } } }")
    assert (operation["status"], operation["errorCode"]) == ("FAILED", "ACCESS_DENIED")


SPOILED: list[tuple[dict[str, Any], Any]] = [
    ({"change": "missing_id"}, lambda line: "id" not in line),
    (
        {"change": "unknown_enum", "field": "displayFinancialStatus"},
        lambda line: line["displayFinancialStatus"] == "NOT_A_KNOWN_VALUE",
    ),
    ({"change": "wrong_type", "field": "number"}, lambda line: isinstance(line["number"], dict)),
]


@pytest.mark.parametrize(("change", "holds"), SPOILED)
def test_a_line_can_be_spoiled(sandbox: SandboxClient, change: dict[str, Any], holds: Any) -> None:
    sandbox.faults({"kind": "bulk_line", "line": 3, "times": 1, **change})
    lines = sandbox.lines(sandbox.bulk("{ orders { edges { node { id number displayFinancialStatus } } } }"))
    assert [index for index, line in enumerate(map(json.loads, lines)) if holds(line)] == [3]


def test_a_line_can_be_broken_or_lost(sandbox: SandboxClient) -> None:
    sandbox.faults(
        {"kind": "bulk_line", "line": 2, "times": 1, "change": "malformed"},
        {"kind": "bulk_lost_line", "line": 5, "times": 1},
    )
    operation = sandbox.bulk("{ orders { edges { node { id number } } } }")
    lines = sandbox.lines(operation)
    assert len(lines) == int(operation["objectCount"]) - 1
    with pytest.raises(json.JSONDecodeError):
        json.loads(lines[2])


def test_a_search_warning_of_the_inner_query_is_told_at_submission(sandbox: SandboxClient) -> None:
    body = sandbox.post(RUN, {"q": '{ orders(query: "colour:red") { edges { node { id } } } }', "g": False}).json()
    assert body["extensions"]["search"][0]["warnings"][0]["field"] == "colour"
