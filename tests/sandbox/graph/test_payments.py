"""Shopify Payments by the Admin API: below the account, filtered, and told on the order that is disputed."""

from __future__ import annotations

from typing import Any

from tests.sandbox_fixture import SandboxClient

BALANCE = """query ($q: String, $hide: Boolean) { shopifyPaymentsAccount { balanceTransactions(
    first: 250, query: $q, hideTransfers: $hide, sortKey: ID) { nodes { type transactionDate sourceType
    associatedPayout { id status } net { amount } } } } }"""


def balance(sandbox: SandboxClient, query: str, hide: bool = False) -> list[dict[str, Any]]:
    account = sandbox.ask(BALANCE, {"q": query, "hide": hide})["shopifyPaymentsAccount"]
    found: list[dict[str, Any]] = account["balanceTransactions"]["nodes"]
    return found


def test_the_balance_is_filtered_by_time_and_type_and_may_hide_payouts(sandbox: SandboxClient) -> None:
    window = "processed_at:>='2026-09-01T00:00:00Z' processed_at:<'2026-10-01T00:00:00Z'"
    everything = balance(sandbox, window)
    assert everything
    assert all("2026-09-01" <= node["transactionDate"] < "2026-10-01" for node in everything)
    transfers = [node for node in everything if node["type"] == "TRANSFER"]
    assert transfers
    assert len(balance(sandbox, window, hide=True)) == len(everything) - len(transfers)
    assert len(balance(sandbox, f"{window} transaction_type:transfer")) == len(transfers)


def test_a_payout_is_found_by_what_it_is_made_of(sandbox: SandboxClient) -> None:
    node = next(n for n in balance(sandbox, "processed_at:<'2026-10-01T00:00:00Z'") if n["type"] == "TRANSFER")
    number = node["associatedPayout"]["id"].rpartition("/")[2]
    parts = balance(sandbox, f"payments_transfer_id:{number}")
    assert round(sum(float(part["net"]["amount"]) for part in parts), 2) == 0
    query = "query ($id: ID!) { node(id: $id) { ... on ShopifyPaymentsPayout { status net { amount } } } }"
    payout = sandbox.ask(query, {"id": node["associatedPayout"]["id"]})["node"]
    assert float(payout["net"]["amount"]) == -float(node["net"]["amount"])
    assert payout["status"] == node["associatedPayout"]["status"]


def test_a_disputed_order_names_its_dispute(sandbox: SandboxClient) -> None:
    disputes = sandbox.ask(
        "{ disputes(first: 50) { nodes { status type order { id disputes { status initiatedAs } } } } }"
    )
    found = disputes["disputes"]["nodes"]
    assert found
    for dispute in found:
        assert {"status": dispute["status"], "initiatedAs": dispute["type"]} in dispute["order"]["disputes"]


def test_without_its_scope_the_account_is_closed(sandbox: SandboxClient) -> None:
    sandbox.settings(scopes="read_orders read_all_orders")
    body = sandbox.post("{ shopifyPaymentsAccount { id } }").json()
    assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert body["data"] == {"shopifyPaymentsAccount": None}
