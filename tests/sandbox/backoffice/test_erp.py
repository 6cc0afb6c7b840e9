"""The ERP where nothing is broken: every document ties to the shop's, and every book to its documents."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from sandbox.backoffice.erp.chart import company_day
from sandbox.backoffice.goods import components, is_kit
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.reading import cents, number
from sandbox.world.parameters import SHOPS

MAKES = (date(2026, 1, 1), date(2026, 6, 1))
NAMES = {"us": 1, "eu": 2}


def stories(office: BackOffice) -> list:  # type: ignore[type-arg]
    return [story for shop in SHOPS for story in office.reader.stories(shop.domain) if not story.is_test]


def totals(office: BackOffice, kind: str, reference: str) -> dict[str, float]:
    rows = office.records.rows(
        f"SELECT {reference}, sum(foreigntotal) FROM ns_transaction WHERE type = ? GROUP BY 1", kind
    )
    return {str(key): round(total, 2) for key, total in rows}


def number_in(reference: str, names: dict[str, int]) -> int:
    """The order that a reference of any spelling means."""
    digits = reference.rpartition("/")[2]
    return names[f"#{digits}"] if f"#{digits}" in names else names.get(digits) or int(digits)


def test_every_order_is_a_sales_order_of_the_same_total_and_tax(clean: BackOffice) -> None:
    told = {story.order_id: story for story in stories(clean)}
    names = {story.name: story.order_id for story in told.values()}
    rows = clean.records.rows(
        "SELECT t.custbody_fa_channel_order, t.foreigntotal, -sum(l.foreignamount) FROM ns_transaction t"
        " JOIN ns_transactionline l ON l.\"transaction\" = t.id AND l.taxline = 'T'"
        " WHERE t.type = 'SalesOrd' GROUP BY t.id"
    )
    found = {number_in(reference, names): (round(total * 100), round(tax * 100)) for reference, total, tax in rows}
    late = {order_id for order_id, story in told.items() if order_id not in found}
    assert found == {key: (story.total, story.tax) for key, story in told.items() if key not in late}
    assert all(clean.records.value("updated_to") < str(told[order_id].erp_at) for order_id in late)
    assert {reference[0] for reference, _, _ in rows} >= {"5", "g", "#", "E"}


def test_every_document_balances_and_is_posted_in_its_own_period(clean: BackOffice) -> None:
    assert not clean.records.rows(
        'SELECT "transaction", sum(amount) FROM ns_transactionaccountingline GROUP BY 1 HAVING abs(sum(amount)) > 0.001'
    )
    assert not clean.records.rows(
        "SELECT t.tranid FROM ns_transaction t JOIN ns_accountingperiod p ON p.id = t.postingperiod"
        " WHERE t.trandate NOT BETWEEN p.startdate AND p.enddate OR (t.posting = 'F' AND t.type IN ('CustInvc'))"
    )


def test_invoices_of_a_shipped_order_add_up_to_the_order(clean: BackOffice) -> None:
    invoiced = totals(clean, "CustInvc", "custbody_fa_channel_order")
    checked = 0
    for story in stories(clean):
        if story.edited_at or story.cancelled_at or story.returns or str(story.order_id) not in invoiced:
            continue
        units = sum(count for shipment in story.shipments for _, _, count in shipment.lines)
        if units == sum(line.quantity for line in story.lines if line.kind != "tip"):
            assert round(invoiced[str(story.order_id)] * 100) == story.total
            checked += 1
    assert checked > 200


def test_what_was_paid_and_paid_back_is_booked_to_the_cent(clean: BackOffice) -> None:
    booked: dict[str, float] = {}
    for kind in ("CustDep", "CustPymt", "CustRfnd"):
        booked |= totals(clean, kind, "custbody_fa_gateway_reference")
    memos = totals(clean, "CustCred", "custbody_fa_channel_refund")
    for story in stories(clean):
        for payment in story.payments:
            if payment.moved and str(payment.transaction_id) in booked:
                sign = -1 if payment.kind == "REFUND" else 1
                assert round(booked[str(payment.transaction_id)] * 100) == sign * payment.amount
        for refund in story.refunds:
            if refund.paid:
                assert round(memos[str(refund.refund_id)] * -100) == refund.paid


def test_payouts_tie_to_their_transactions_their_bank_line_and_their_deposit(clean: BackOffice) -> None:
    lines = {
        reference: round(amount * 100)
        for reference, amount in clean.records.rows(
            "SELECT custrecord_bank_reference, custrecord_bank_amount FROM ns_customrecord_bank_line"
        )
    }
    deposits = totals(clean, "Deposit", "custbody_fa_gateway_reference")
    tied = 0
    for shop in SHOPS:
        sums: dict[str, int] = defaultdict(int)
        for part in clean.store.scan(shop.domain, "ShopifyPaymentsBalanceTransaction"):
            if part["type"] != "TRANSFER" and part["associatedPayout"]["id"]:
                sums[part["associatedPayout"]["id"]] += cents({"shopMoney": part["net"]})
        for payout in clean.store.scan(shop.domain, "ShopifyPaymentsPayout"):
            key = str(number(payout["id"]))
            net = cents({"shopMoney": payout["net"]})
            assert net == sums[payout["id"]]
            if payout["status"] == "PAID" and key in deposits:
                assert lines[payout["externalTraceId"]] == round(deposits[key] * 100) == net
                tied += 1
            elif payout["status"] == "FAILED":
                assert key not in deposits
    assert tied > 50


def test_the_ledgers_inventory_is_quantity_times_cost_at_every_place(clean: BackOffice) -> None:
    booked = clean.records.rows(
        "SELECT l.location, round(sum(a.amount), 2) FROM ns_transactionaccountingline a JOIN ns_transactionline l"
        ' ON l."transaction" = a."transaction" AND l.id = a.transactionline JOIN ns_account c ON c.id = a.account'
        " WHERE c.custrecord_class = 'inventory' GROUP BY 1"
    )
    worth = clean.records.rows(
        "SELECT location, round(sum(onhandvaluemli), 2) FROM ns_aggregateitemlocation GROUP BY 1"
    )
    assert len(worth) == 6
    assert sorted(booked) == sorted(worth)


def test_kits_are_sold_whole_and_leave_in_parts_of_the_order_day(clean: BackOffice) -> None:
    rows = clean.records.rows(
        "SELECT i.itemid, l.quantity, p.itemid, c.quantity FROM ns_transactionline l JOIN ns_item i ON i.id = l.item"
        ' JOIN ns_transactionline c ON c."transaction" = l."transaction" AND c.kitmemberof = l.id'
        " JOIN ns_item p ON p.id = c.item WHERE l.itemtype = 'Kit'"
    )
    assert rows
    for sku, units, part, count in rows:
        assert is_kit(sku)
        made = {units * each for day in MAKES for name, each in components(sku, day) if name == part}
        assert count in made
    assert not clean.records.rows(
        "SELECT 1 FROM ns_aggregateitemlocation b JOIN ns_item i ON i.id = b.item WHERE i.itemtype = 'Kit'"
    )


def test_list_prices_are_what_the_shop_charged_within_a_day(clean: BackOffice) -> None:
    prices: dict[tuple[str, int], list[tuple[str, str | None, int]]] = defaultdict(list)
    for sku, currency, start, end, amount in clean.records.rows(
        "SELECT i.itemid, p.custrecord_price_currency, p.custrecord_price_from, p.custrecord_price_to,"
        " p.custrecord_price_amount FROM ns_customrecord_price_period p"
        " JOIN ns_item i ON i.id = p.custrecord_price_item"
        " WHERE p.custrecord_price_customer IS NULL"
    ):
        prices[sku, currency].append((start, end, round(amount * 100)))
    for story in stories(clean):
        days = [company_day(story.created_at + shift * 86_400) for shift in (-1, 0, 1)]
        for line in story.goods:
            if line.group is None and line.source == "order":
                valid = {
                    amount
                    for start, end, amount in prices[line.sku or "", NAMES[story.shop]]
                    if any(start <= day <= (end or "9999") for day in days)
                }
                assert line.unit_price in valid, (story.name, line.sku)
