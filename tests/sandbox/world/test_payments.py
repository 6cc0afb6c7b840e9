"""What shoppers pay arrives at the bank: balance transactions and payouts tie to the orders and to each other."""

from collections import Counter, defaultdict

import pytest

from sandbox.store import Store
from sandbox.world import World
from sandbox.world.payments.terms import TERMS, payout_day
from sandbox.world.times import DAY, epoch
from tests.sandbox.world.conftest import EU, US


def cents(money: dict) -> int:
    return round(float(money["amount"]) * 100)


def check_payouts(store: Store) -> None:
    for shop in (US, EU):
        parts: dict[str, list[dict]] = defaultdict(list)
        for doc in store.scan(shop, "ShopifyPaymentsBalanceTransaction"):
            assert cents(doc["net"]) == cents(doc["amount"]) - cents(doc["fee"])
            parts[doc["associatedPayout"]["id"]].append(doc)
        payouts = list(store.scan(shop, "ShopifyPaymentsPayout"))
        assert len(payouts) > 20
        for payout in payouts:
            mine = parts.pop(payout["id"])
            assert {doc["associatedPayout"]["status"] for doc in mine} == {payout["status"]}
            paid_out = sum(cents(doc["net"]) for doc in mine if doc["type"] != "TRANSFER")
            assert paid_out == cents(payout["net"]) > 0
            assert sum(cents(doc["net"]) for doc in mine) == 0
            signed = {name: cents(amount) for name, amount in payout["summary"].items()}
            gross = sum(amount for name, amount in signed.items() if name.endswith("Gross"))
            assert gross - sum(amount for name, amount in signed.items() if name.endswith("Fee")) == paid_out
        assert set(parts) <= {None}
        account = next(store.scan(shop, "ShopifyPaymentsAccount"))
        assert cents(account["balance"][0]) == sum(cents(doc["net"]) for doc in parts[None])


def test_every_payout_is_the_net_of_its_balance_transactions(world):
    check_payouts(world)


def test_payouts_still_tie_when_time_has_passed(small):
    World(small).advance(days=25)
    check_payouts(small)


def test_each_charge_and_refund_moves_the_balance_once_at_the_documented_fee(world):
    for shop, terms in ((US, TERMS["us"]), (EU, TERMS["eu"])):
        expected: Counter[tuple] = Counter()
        for order in world.scan(shop, "Order"):
            for paid in order["transactions"]:
                if paid["gateway"] == "shopify_payments" and paid["status"] == "SUCCESS" and not paid["test"]:
                    amount = cents(paid["amountSet"]["shopMoney"])
                    number = paid["id"].rpartition("/")[2]
                    if paid["kind"] in ("SALE", "CAPTURE"):
                        expected[number, "CHARGE", amount, terms.fee(amount), order["name"]] += 1
                    elif paid["kind"] == "REFUND":
                        expected[number, "REFUND", -amount, 0, order["name"]] += 1
        there = {order["id"] for order in world.scan(shop, "Order", packed=True)}
        found = Counter(
            (doc["sourceOrderTransactionId"], doc["type"], cents(doc["amount"]), cents(doc["fee"]),
             doc["associatedOrder"]["name"])
            for doc in world.scan(shop, "ShopifyPaymentsBalanceTransaction")
            if doc["type"] in ("CHARGE", "REFUND") and doc["associatedOrder"]["id"] in there
        )  # fmt: skip
        assert found == expected
    assert TERMS["us"].fee(10_000) == 320


@pytest.mark.parametrize(
    ("moved", "paid"),
    [
        ("2026-10-05", "2026-10-07"),  # Monday to Wednesday
        ("2026-10-08", "2026-10-12"),  # Thursday: over the weekend
        ("2026-10-09", "2026-10-13"),  # Friday
        ("2026-10-11", "2026-10-13"),  # Sunday, paid out together with Friday
    ],
)
def test_a_batch_is_paid_out_on_the_second_business_day(moved, paid):
    assert payout_day(epoch(f"{moved}T23:59:59Z")) == epoch(f"{paid}T00:00:00Z") // DAY


def test_a_refused_payout_comes_again_in_the_next_one(world):
    for shop in (US, EU):
        payouts = sorted(world.scan(shop, "ShopifyPaymentsPayout"), key=lambda doc: doc["issuedAt"])
        failed = [payout for payout in payouts if payout["status"] == "FAILED"]
        assert failed
        for payout in failed:
            returned = next(
                doc
                for doc in world.scan(shop, "ShopifyPaymentsBalanceTransaction")
                if doc["type"] == "TRANSFER_FAILURE" and doc["sourceId"] == payout["legacyResourceId"]
            )
            again = next(p for p in payouts if p["issuedAt"] > returned["transactionDate"])
            assert returned["amount"] == payout["net"]
            assert returned["associatedPayout"]["id"] == again["id"]
            assert again["summary"]["retriedPayoutsGross"] == payout["net"]


def test_disputed_money_is_withdrawn_and_comes_back_when_the_dispute_is_won(world):
    seen = Counter()
    for shop in (US, EU):
        moves = defaultdict(list)
        for doc in world.scan(shop, "ShopifyPaymentsBalanceTransaction"):
            if doc["sourceType"] == "DISPUTE":
                moves[doc["sourceId"]].append(doc)
        for dispute in world.scan(shop, "ShopifyPaymentsDispute"):
            seen[dispute["status"]] += 1
            mine = moves[dispute["legacyResourceId"]]
            kinds = [doc["type"] for doc in sorted(mine, key=lambda doc: doc["transactionDate"])]
            if dispute["type"] == "INQUIRY":
                assert kinds == []
                continue
            assert kinds[0] == "DISPUTE_WITHDRAWAL"
            assert (kinds[1:] == ["DISPUTE_REVERSAL"]) is (dispute["status"] == "WON")
            if dispute["status"] == "WON":
                assert sum(cents(doc["net"]) for doc in mine) == 0
    assert seen["WON"]
    assert seen["LOST"]


def test_a_deleted_order_leaves_its_tender_transactions_behind_without_it(small):
    World(small).advance(days=90)
    for shop in (US, EU):
        there = {order["id"] for order in small.scan(shop, "Order", packed=True)}
        for doc in small.scan(shop, "TenderTransaction"):
            assert doc["order"] is None or doc["order"]["id"] in there
