"""Money and ledger identities of the drawn orders, and the variety that the platform has to cope with."""

from collections import Counter

from tests.sandbox.world.conftest import EU, US
from tests.sandbox.world.identities import cents, check_order


def test_every_order_ties_out_to_the_cent(world):
    for shop in (US, EU):
        for order in world.scan(shop, "Order"):
            check_order(order)


def test_every_kind_of_story_occurs(world):
    seen: Counter[str] = Counter()
    for shop in (US, EU):
        for order in world.scan(shop, "Order"):
            seen[f"financial {order['displayFinancialStatus']}"] += 1
            seen[f"return {order['returnStatus']}"] += 1
            seen[f"source {order['sourceName']}"] += 1
            seen.update(f"agreement {agreement['__typename']}" for agreement in order["agreements"])
            seen.update(f"line {sale['lineType']}" for agreement in order["agreements"] for sale in agreement["sales"])
            seen.update(f"transaction {t['kind']} {t['status']}" for t in order["transactions"])
            seen.update(f"discount {a['__typename']} {a['targetType']}" for a in order["discountApplications"])
            seen.update(f"restock {line['restockType']}" for r in order["refunds"] for line in r["refundLineItems"])
            seen["test"] += order["test"]
            seen["edited"] += order["edited"]
            seen["cancelled"] += order["cancelledAt"] is not None
            seen["cancelled, never paid"] += bool(order["cancelledAt"]) and cents(order["totalReceivedSet"]) == 0
            seen["no customer"] += order["customer"] is None
            seen["company"] += (order["purchasingEntity"] or {}).get("__typename") == "PurchasingCompany"
            seen["other currency"] += order["presentmentCurrencyCode"] != order["currencyCode"]
            seen["kit"] += any(line["lineItemGroup"] for line in order["lineItems"])
            seen["product gone"] += any(line["sku"] and line["product"] is None for line in order["lineItems"])
            seen["no money back"] += any(r["refundLineItems"] and not r["transactions"] for r in order["refunds"])
            seen["only money back"] += any(r["transactions"] and not r["refundLineItems"] for r in order["refunds"])
            seen["exchange"] += any(doc["exchangeLineItems"] for doc in order["returns"])
            seen["several fulfilments"] += len(order["fulfillments"]) > 1
            seen["purchase order number"] += order["poNumber"] is not None
    expected = """
        financial PAID|financial PENDING|financial AUTHORIZED|financial REFUNDED|financial PARTIALLY_REFUNDED
        financial VOIDED|return NO_RETURN|return IN_PROGRESS|return RETURNED|source web|source pos
        source shopify_draft_order|agreement OrderAgreement|agreement RefundAgreement|agreement ReturnAgreement
        agreement OrderEditAgreement|line PRODUCT|line SHIPPING|line TIP|line GIFT_CARD|line ADJUSTMENT
        transaction SALE SUCCESS|transaction SALE FAILURE|transaction SALE PENDING|transaction AUTHORIZATION SUCCESS
        transaction CAPTURE SUCCESS|transaction VOID SUCCESS|transaction REFUND SUCCESS
        discount DiscountCodeApplication LINE_ITEM|discount DiscountCodeApplication SHIPPING_LINE
        discount AutomaticDiscountApplication LINE_ITEM|discount ManualDiscountApplication LINE_ITEM
        restock RETURN|restock CANCEL|restock NO_RESTOCK|test|edited|cancelled|cancelled, never paid|no customer|company
        other currency|kit|product gone|no money back|only money back|exchange|several fulfilments
        purchase order number
    """
    wanted = {entry.strip() for line in expected.strip().splitlines() for entry in line.split("|")}
    assert {entry for entry in wanted if not seen[entry]} == set()


def test_taxes_follow_the_shop_and_the_place(world):
    rates: dict[str, set[float]] = {US: set(), EU: set()}
    for shop in rates:
        for order in world.scan(shop, "Order", limit=800):
            assert order["taxesIncluded"] == (shop == EU)
            if order["shippingAddress"] and order["shippingAddress"]["countryCodeV2"] == "DE":
                rates[EU].update(tax["rate"] for line in order["lineItems"] for tax in line["taxLines"])
            if order["shippingAddress"] and order["shippingAddress"]["provinceCode"] == "OR":
                rates[US].update(tax["rate"] for line in order["lineItems"] for tax in line["taxLines"])
    assert rates == {US: set(), EU: {0.19, 0.07}}


def test_orders_count_up_in_time(world):
    for shop in (US, EU):
        previous = (0, "", "")
        for order in world.scan(shop, "Order"):
            place = (order["number"], order["createdAt"], order["id"])
            assert place[0] > previous[0]
            assert place[1] >= previous[1]
            assert order["updatedAt"] >= order["createdAt"]
            previous = place


def test_a_fulfilment_order_is_found_by_itself_and_knows_its_order(world):
    work = next(world.scan(US, "FulfillmentOrder", order="updated_at", reverse=True))
    assert work["order"]["id"] == world.root_of(US, work["id"])
    order = world.get(US, work["order"]["id"])
    assert work["id"] in [other["id"] for other in order["fulfillmentOrders"]]
