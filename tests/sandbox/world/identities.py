"""Identities that hold in every world, drawn or advanced; amounts in cents."""

from typing import Any

from sandbox.store import Store
from sandbox.world.inventory import ON_HAND_PARTS

Doc = dict[str, Any]

SHOPS = ("boomerang-us.myshopify.com", "boomerang-eu.myshopify.com")


def cents(bag: Doc) -> int:
    """Shop money of a MoneyBag in cents."""
    return round(float(bag["shopMoney"]["amount"]) * 100)


def check_order(order: Doc) -> None:
    """Raise AssertionError, naming the order, where an identity does not hold."""
    name = order["name"]
    added = not order["taxesIncluded"]
    _check_totals(order, added, name)
    _check_ledger(order, name)
    _check_money(order, name)
    for line in order["lineItems"]:
        _check_line(line, order["taxesIncluded"], name)
    for refund in order["refunds"]:
        _check_refund(order, refund, added, name)


def _check_totals(order: Doc, added: bool, name: str) -> None:
    shipping = sum(cents(line["discountedPriceSet"]) for line in order["shippingLines"])
    tax = cents(order["totalTaxSet"]) if added else 0
    total = cents(order["subtotalPriceSet"]) + shipping + tax + cents(order["totalTipReceivedSet"])
    assert cents(order["totalPriceSet"]) == total, name
    assert cents(order["totalTaxSet"]) == sum(cents(line["priceSet"]) for line in order["taxLines"]), name
    goods = [line for line in order["lineItems"] if line["title"] != "Tip"]
    gross = sum(cents(line["originalTotalSet"]) for line in goods) + cents(order["totalShippingPriceSet"])
    assert gross - cents(order["totalDiscountsSet"]) == cents(order["subtotalPriceSet"]) + shipping, name


def _check_ledger(order: Doc, name: str) -> None:
    sums = [sum(cents(sale["totalAmount"]) for sale in agreement["sales"]) for agreement in order["agreements"]]
    assert sum(sums) == cents(order["currentTotalPriceSet"]), name
    assert sums[0] == cents(order["originalTotalPriceSet"]), name
    sales = [sale for agreement in order["agreements"] for sale in agreement["sales"]]
    taxes = sum(cents(sale["totalTaxAmount"]) for sale in sales)
    assert taxes == cents(order["currentTotalTaxSet"]), name
    assert taxes == sum(cents(line["priceSet"]) for line in order["currentTaxLines"]), name
    for sale in sales:
        assert cents(sale["totalTaxAmount"]) == sum(cents(tax["amount"]) for tax in sale["taxes"]), name
        sign = 1 if sale["actionType"] == "ORDER" else -1
        assert sale["lineType"] == "ADJUSTMENT" or cents(sale["totalAmount"]) * sign >= 0, name
    units: dict[str, int] = {}
    for sale in sales:
        if "lineItem" in sale:
            units[sale["lineItem"]["id"]] = units.get(sale["lineItem"]["id"], 0) + sale["quantity"]
    assert units == {line["id"]: line["currentQuantity"] for line in order["lineItems"]}, name


def _check_money(order: Doc, name: str) -> None:
    moved = {"SALE": 0, "CAPTURE": 0, "REFUND": 0}
    for transaction in order["transactions"]:
        if transaction["status"] == "SUCCESS" and transaction["kind"] in moved:
            moved[transaction["kind"]] += cents(transaction["amountSet"])
    assert moved["SALE"] + moved["CAPTURE"] == cents(order["totalReceivedSet"]), name
    assert moved["REFUND"] == cents(order["totalRefundedSet"]), name
    assert moved["REFUND"] == sum(cents(refund["totalRefundedSet"]) for refund in order["refunds"]), name
    net = cents(order["totalReceivedSet"]) - cents(order["totalRefundedSet"])
    assert net == cents(order["netPaymentSet"]), name
    assert cents(order["currentTotalPriceSet"]) - net == cents(order["totalOutstandingSet"]), name
    assert net >= 0, name


def _check_line(line: Doc, included: bool, name: str) -> None:
    assert cents(line["originalTotalSet"]) == cents(line["originalUnitPriceSet"]) * line["quantity"], name
    discount = sum(cents(allocation["allocatedAmountSet"]) for allocation in line["discountAllocations"])
    tax = sum(cents(tax["priceSet"]) for tax in line["taxLines"])
    net = cents(line["originalTotalSet"]) - discount - (tax if included else 0)
    assert net == cents(line["priceAfterAllDiscountsBeforeTaxesSet"]), name
    assert 0 <= line["currentQuantity"] <= line["quantity"], name


def _check_refund(order: Doc, refund: Doc, added: bool, name: str) -> None:
    worth = sum(
        cents(line["subtotalSet"]) + (cents(line["totalTaxSet"]) if added else 0) for line in refund["refundLineItems"]
    )
    worth += sum(
        cents(line["subtotalAmountSet"]) + (cents(line["taxAmountSet"]) if added else 0)
        for line in refund["refundShippingLines"]
    )
    adjusted = sum(cents(adjustment["amountSet"]) for adjustment in refund["orderAdjustments"])
    agreement = next(a for a in order["agreements"] if a.get("refund", {}).get("id") == refund["id"])
    assert sum(cents(sale["totalAmount"]) for sale in agreement["sales"]) == adjusted - worth, name
    assert agreement["happenedAt"] == refund["processedAt"], name
    if refund["orderAdjustments"]:
        assert worth - adjusted == cents(refund["totalRefundedSet"]), name


def check_stock(world: Store) -> None:
    """On hand is the sum of its parts; committed is what open fulfilment orders wait for."""
    for shop in SHOPS:
        waiting: dict[tuple[str, str], int] = {}
        for work in world.scan(shop, "FulfillmentOrder"):
            for line in work["lineItems"]:
                if work["status"] != "CANCELLED" and line["requiresShipping"]:
                    key = (line["inventoryItemId"], work["assignedLocation"]["location"]["id"])
                    waiting[key] = waiting.get(key, 0) + line["remainingQuantity"]
        promised = {}
        for level in world.scan(shop, "InventoryLevel"):
            quantities = {quantity["name"]: quantity["quantity"] for quantity in level["quantities"]}
            assert len(quantities) == 8
            assert quantities["on_hand"] == sum(quantities[part] for part in ON_HAND_PARTS)
            if quantities["committed"]:
                promised[level["item"]["id"], level["location"]["id"]] = quantities["committed"]
        there = {item["id"] for item in world.scan(shop, "InventoryItem")}
        assert promised == {key: units for key, units in waiting.items() if units and key[0] in there}


def check_customers(world: Store) -> None:
    """Counts, amounts and last orders of customers follow from their orders."""
    for shop in SHOPS:
        sums: dict[str, list[Any]] = {}
        for order in world.scan(shop, "Order"):
            if order["customer"] and not order["test"]:
                entry = sums.setdefault(order["customer"]["id"], [0, 0, None])
                entry[0] += 1
                entry[1] += cents(order["currentTotalPriceSet"])
                entry[2] = order["id"]
        for customer in world.scan(shop, "Customer"):
            count, total, last = sums.pop(customer["id"], [0, 0, None])
            assert int(customer["numberOfOrders"]) == count
            assert round(float(customer["amountSpent"]["amount"]) * 100) == total
            assert (customer["lastOrder"] or {}).get("id") == last
        assert sums == {}
