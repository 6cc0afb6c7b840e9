"""Archiving orders, which an ERP does when it is done with them."""

from __future__ import annotations

from tests.sandbox_fixture import SandboxClient

MOVE = """mutation M($i: %sInput!) { %s(input: $i) { order { closed closedAt } userErrors { message } } }"""
CLOSE, OPEN = MOVE % ("OrderClose", "orderClose"), MOVE % ("OrderOpen", "orderOpen")
READ = "query Q($id: ID!) { order(id: $id) { closed updatedAt currentTotalPriceSet { shopMoney { amount } } } }"


def test_an_order_is_archived_and_brought_back_and_its_amounts_stay(sandbox: SandboxClient) -> None:
    (found,) = sandbox.ask('{ orders(first: 1, query: "status:closed") { nodes { id } } }')["orders"]["nodes"]
    before = sandbox.ask(READ, {"id": found["id"]})["order"]
    given = {"i": {"id": found["id"]}}
    assert sandbox.ask(OPEN, given)["orderOpen"]["order"] == {"closed": False, "closedAt": None}
    opened = sandbox.ask(READ, {"id": found["id"]})["order"]
    assert not opened["closed"]
    assert opened["updatedAt"] > before["updatedAt"], "the next increment sees it"
    assert opened["currentTotalPriceSet"] == before["currentTotalPriceSet"]
    assert sandbox.ask(CLOSE, given)["orderClose"]["order"]["closedAt"] is not None


def test_an_order_that_is_not_there_is_a_user_error(sandbox: SandboxClient) -> None:
    reply = sandbox.ask(CLOSE, {"i": {"id": "gid://shopify/Order/1"}})["orderClose"]
    assert reply == {"order": None, "userErrors": [{"message": "Order does not exist"}]}


def test_a_sale_over_the_counter_is_no_delivery(sandbox: SandboxClient) -> None:
    ask = (
        '{ orders(first: 50, query: "source_name:%s") { nodes { fulfillmentOrders(first: 1) { nodes { deliveryMethod {'
    )
    rest = " methodType } } } } } }"
    for source, method in (("pos", "RETAIL"), ("web", "SHIPPING")):
        orders = sandbox.ask(ask % source + rest)["orders"]["nodes"]
        found = {
            work["deliveryMethod"]["methodType"] for order in orders for work in order["fulfillmentOrders"]["nodes"]
        }
        assert found == {method}
