"""Queries: validation as Shopify words it, pages, scopes, search."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.graph.cost import CostModel
from sandbox.graph.documents import Documents
from sandbox.graph.versions import schema_of
from tests.sandbox_fixture import SandboxClient


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "{ orders(first: 1) { nodes { id colour } } }",
            "undefinedField",
            "Field 'colour' doesn't exist on type 'Order'",
        ),
        (
            "{ orders(first: 1, colour: 2) { nodes { id } } }",
            "argumentNotAccepted",
            "Field 'orders' doesn't accept argument 'colour'",
        ),
        ("{ order { id } }", "missingRequiredArguments", "Field 'order' is missing required arguments: id"),
        ("query Q($a: Int) { shop { id } }", "variableNotUsed", "Variable $a is declared by Q but not used"),
        ("{ order(id: $id) { id } }", "variableNotDefined", "Variable $id is used by anonymous query but not declared"),
        ("{ shop { ...f } }", "useAndDefineFragment", "Fragment f was used, but not defined"),
    ],
)
def test_an_invalid_query_is_refused_in_the_form_of_shopify(
    sandbox: SandboxClient, query: str, code: str, message: str
) -> None:
    answer = sandbox.post(query)
    error = answer.json()["errors"][0]
    assert answer.status_code == 200
    assert "data" not in answer.json()
    assert (error["extensions"]["code"], error["message"]) == (code, message)
    assert error["locations"]


def test_an_error_names_the_path_through_the_query(sandbox: SandboxClient) -> None:
    error = sandbox.post("query Named { orders(first: 1) { nodes { colour } } }").json()["errors"][0]
    assert error["path"] == ["query Named", "orders", "nodes", "colour"]


def test_a_syntax_error_tells_where(sandbox: SandboxClient) -> None:
    error = sandbox.post("{ shop { id }").json()["errors"][0]
    assert error["message"].startswith("syntax error, unexpected end of file at [1, ")


def test_an_id_that_is_no_global_id_is_an_invalid_variable(sandbox: SandboxClient) -> None:
    query = "query Q($id: ID!) { order(id: $id) { id } }"
    error = sandbox.post(query, {"id": "not-a-shopify-gid"}).json()["errors"][0]
    assert error["message"] == "Variable $id of type ID! was provided invalid value"
    assert error["extensions"]["code"] == "INVALID_VARIABLE"
    assert error["extensions"]["value"] == "not-a-shopify-gid"
    assert error["extensions"]["problems"][0]["explanation"] == "Invalid global id 'not-a-shopify-gid'"


def test_a_missing_variable_is_an_invalid_variable(sandbox: SandboxClient) -> None:
    error = sandbox.post("query Q($id: ID!) { order(id: $id) { id } }").json()["errors"][0]
    assert error["extensions"]["problems"] == [{"path": [], "explanation": "Expected value to not be null"}]


def test_pages_cover_everything_once_in_order(sandbox: SandboxClient) -> None:
    query = """query Q($after: String) { orders(first: 50, after: $after, sortKey: UPDATED_AT) {
      nodes { id updatedAt } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""
    seen: list[tuple[str, str]] = []
    after = None
    while True:
        page = sandbox.ask(query, {"after": after})["orders"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen.extend((node["updatedAt"], node["id"]) for node in page["nodes"])
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == sandbox.state()["counts"]["Order"]
    assert [moment for moment, _ in seen] == sorted(moment for moment, _ in seen)


def test_last_and_before_walk_backwards(sandbox: SandboxClient) -> None:
    ids = [
        node["id"]
        for node in sandbox.ask("{ customers(first: 6, sortKey: ID) { nodes { id } } }")["customers"]["nodes"]
    ]
    page = sandbox.ask("{ customers(first: 6, sortKey: ID) { edges { cursor } } }")["customers"]
    query = """query Q($before: String) { customers(last: 2, before: $before, sortKey: ID) { nodes { id }
      pageInfo { hasNextPage } } }"""
    found = sandbox.ask(query, {"before": page["edges"][5]["cursor"]})["customers"]
    assert [node["id"] for node in found["nodes"]] == ids[3:5]
    assert found["pageInfo"]["hasNextPage"] is True


def test_reverse_turns_the_order_round(sandbox: SandboxClient) -> None:
    newest = sandbox.ask("{ orders(first: 2, sortKey: CREATED_AT, reverse: true) { nodes { createdAt } } }")["orders"][
        "nodes"
    ]
    oldest = sandbox.ask("{ orders(first: 1, sortKey: CREATED_AT) { nodes { createdAt } } }")["orders"]["nodes"]
    assert newest[0]["createdAt"] >= newest[1]["createdAt"] > oldest[0]["createdAt"]


def test_nested_connections_page_as_well(sandbox: SandboxClient) -> None:
    query = (
        "{ orders(first: 40) { nodes { id lineItems(first: 1) { nodes { id } pageInfo { hasNextPage endCursor } } } } }"
    )
    long = next(node for node in sandbox.ask(query)["orders"]["nodes"] if node["lineItems"]["pageInfo"]["hasNextPage"])
    more = (
        "query Q($id: ID!, $after: String) { order(id: $id) { lineItems(first: 50, after: $after) { nodes { id } } } }"
    )
    rest = sandbox.ask(more, {"id": long["id"], "after": long["lineItems"]["pageInfo"]["endCursor"]})["order"][
        "lineItems"
    ]["nodes"]
    assert rest
    assert long["lineItems"]["nodes"][0] not in rest


def test_a_connection_wants_first_or_last(sandbox: SandboxClient) -> None:
    error = sandbox.post("{ orders { nodes { id } } }").json()["errors"][0]
    assert error["message"] == "you must provide one of first or last"
    assert error["extensions"]["code"] == "BAD_REQUEST"


def test_an_unknown_filter_warns_and_matches_everything(sandbox: SandboxClient) -> None:
    body = sandbox.post('{ orders(first: 3, query: "colour:red") { nodes { id } } }').json()
    assert len(body["data"]["orders"]["nodes"]) == 3
    warning = body["extensions"]["search"][0]
    assert warning["path"] == ["orders"]
    assert warning["warnings"][0]["field"] == "colour"


def test_refunded_orders_are_found_by_financial_status(sandbox: SandboxClient) -> None:
    query = """{ orders(first: 250, query: "financial_status:refunded OR financial_status:partially_refunded") {
      nodes { displayFinancialStatus refunds { id } } } }"""
    nodes = sandbox.ask(query)["orders"]["nodes"]
    assert nodes
    assert all(node["refunds"] and "REFUNDED" in node["displayFinancialStatus"] for node in nodes)


def test_orders_older_than_sixty_days_are_silently_absent_without_read_all_orders(sandbox: SandboxClient) -> None:
    query = """{ ordersCount(limit: null) { count precision } orders(first: 1, sortKey: CREATED_AT) { nodes
      { id createdAt } } }"""
    everything = sandbox.ask(query)
    oldest = everything["orders"]["nodes"][0]
    scopes = [s for s in sandbox.get_meta("settings")["scopes"] if s != "read_all_orders"]
    sandbox.settings(scopes=scopes)
    sandbox._tokens.clear()
    recent = sandbox.ask(query)
    assert 0 < recent["ordersCount"]["count"] < everything["ordersCount"]["count"]
    assert recent["orders"]["nodes"][0]["createdAt"] > oldest["createdAt"]
    assert sandbox.ask("query Q($id: ID!) { order(id: $id) { id } }", {"id": oldest["id"]})["order"] is None
    operation = sandbox.bulk("{ orders { edges { node { id createdAt } } } }")
    assert int(operation["objectCount"]) == recent["ordersCount"]["count"]


def test_a_missing_scope_gives_data_and_errors_together(sandbox: SandboxClient) -> None:
    scopes = [s for s in sandbox.get_meta("settings")["scopes"] if s not in ("read_customers", "write_customers")]
    sandbox.settings(scopes=scopes)
    sandbox._tokens.clear()
    body = sandbox.post("{ orders(first: 2) { nodes { id customer { id } } } }").json()
    assert [node["customer"] for node in body["data"]["orders"]["nodes"]] == [None, None]
    error = body["errors"][0]
    assert error["path"] == ["orders", "nodes", 0, "customer"]
    assert error["extensions"]["code"] == "ACCESS_DENIED"
    assert error["message"] == "Access denied for customer field. Required access: `read_customers` access scope."


def test_an_app_without_scopes_is_denied_everything(sandbox: SandboxClient) -> None:
    sandbox.settings(scopes=[])
    sandbox._tokens.clear()
    body = sandbox.post("{ products(first: 1) { nodes { id } } }").json()
    assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert (
        sandbox.ask("{ currentAppInstallation { accessScopes { handle } } }")["currentAppInstallation"]["accessScopes"]
        == []
    )


def test_ids_of_another_type_are_refused_and_unknown_ones_are_null(sandbox: SandboxClient) -> None:
    error = sandbox.post('{ order(id: "gid://shopify/Product/1") { id } }').json()["errors"][0]
    assert error["extensions"]["code"] == "RESOURCE_NOT_FOUND"
    assert sandbox.ask('{ order(id: "gid://shopify/Order/1") { id } }')["order"] is None


def test_nodes_inside_an_order_are_found_by_their_own_id(sandbox: SandboxClient) -> None:
    query = '{ orders(first: 1, query: "financial_status:refunded") { nodes { id refunds { id } } } }'
    order = sandbox.ask(query)["orders"]["nodes"][0]
    found = sandbox.ask(
        """query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Refund { id order { id }
          refundLineItems(first: 5) { nodes { quantity lineItem { id } } } } } }""",
        {"ids": [order["refunds"][0]["id"]]},
    )["nodes"]
    assert found[0]["__typename"] == "Refund"
    assert found[0]["order"]["id"] == order["id"]


def test_quantities_come_by_name_and_add_up(sandbox: SandboxClient) -> None:
    query = """{ inventoryItems(first: 20) { nodes { inventoryLevels(first: 5) { nodes { id
      quantities(names: ["available", "on_hand",
      "committed", "reserved", "damaged", "safety_stock", "quality_control", "incoming"]) { name quantity } } } } } }"""
    items = sandbox.ask(query)["inventoryItems"]["nodes"]
    levels = [level for item in items for level in item["inventoryLevels"]["nodes"]]
    assert levels
    for level in levels:
        assert "?inventory_item_id=" in level["id"]
        by_name = {quantity["name"]: quantity["quantity"] for quantity in level["quantities"]}
        parts = ("available", "committed", "reserved", "damaged", "safety_stock", "quality_control")
        assert by_name["on_hand"] == sum(by_name[name] for name in parts)


def test_versions_and_scopes_can_be_read(sandbox: SandboxClient) -> None:
    data = sandbox.ask("{ publicApiVersions { handle supported } currentAppInstallation { accessScopes { handle } } }")
    assert {"handle": "2026-10", "supported": True} in data["publicApiVersions"]
    assert {"handle": "read_orders"} in data["currentAppInstallation"]["accessScopes"]


@pytest.mark.parametrize(("size", "cost"), [(1, 3), (2, 3), (5, 5), (10, 6), (20, 7), (50, 9), (100, 11), (250, 13)])
def test_the_cost_of_a_connection_is_the_measured_one(size: int, cost: int) -> None:
    assert requested(f"{{ orders(first: {size}) {{ nodes {{ id }} }} }}") == cost


def test_nested_connections_multiply_as_measured() -> None:
    assert requested("{ orders(first: 250) { nodes { id lineItems(first: 250) { nodes { id } } } } }") == 156


def test_a_mutation_costs_ten_and_a_staged_upload_one_more() -> None:
    assert requested('mutation { tagsAdd(id: "gid://shopify/Customer/1", tags: ["a"]) { node { id } } }') == 10
    upload = 'resource: BULK_MUTATION_VARIABLES, filename: "a", mimeType: "text/jsonl", httpMethod: POST'
    assert requested(f"mutation {{ stagedUploadsCreate(input: [{{{upload}}}]) {{ stagedTargets {{ url }} }} }}") == 11


def requested(query: str, variables: dict[str, Any] | None = None) -> int:
    prepared = Documents().prepare("2026-10", query)
    assert prepared.document is not None
    assert not prepared.errors
    operation = prepared.operation(None)
    assert operation is not None
    return CostModel(schema_of("2026-10"), prepared.document, variables or {}).requested(operation)
