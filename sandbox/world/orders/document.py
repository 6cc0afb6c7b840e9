"""The Order document of an order at an instant."""

from typing import Any

from sandbox.world.ids import ref
from sandbox.world.locations import WAREHOUSES
from sandbox.world.orders.ledger import LINES
from sandbox.world.orders.lines import line_document
from sandbox.world.orders.plan import Doc
from sandbox.world.orders.state import WORKS, OrderState, Work
from sandbox.world.times import iso

_SOURCE = {"web": "web", "pos": "pos", "draft": "shopify_draft_order"}


def document(state: OrderState, customer: str | None, email: str | None, addresses: tuple[Doc, Doc] | None) -> Doc:
    """All of it. ``customer``: gid; ``addresses``: billing and shipping, None for sales over the counter."""
    plan, ledger, money, ids = state.plan, state.ledger, state.money, state.ids
    at = iso(plan.moment)
    shipping = plan.shipping
    sums = _Sums(state)
    billing, delivery = addresses or (None, None)
    zero = money[0]
    current_tax = _tax_lines(state)
    closed = state.closed
    return {
        "__typename": "Order",
        "id": state.gid,
        "legacyResourceId": state.gid.rpartition("/")[2],
        "name": plan.name,
        "number": plan.number + 1001,
        "poNumber": plan.po_number,
        "note": plan.note,
        "email": email,
        "phone": None,
        "createdAt": at,
        "processedAt": at,
        "updatedAt": iso(state.updated),
        "cancelledAt": iso(state.cancelled) if state.cancelled else None,
        "cancelReason": state.cancel_reason,
        "closed": closed is not None,
        "closedAt": iso(closed) if closed else None,
        "test": plan.test,
        "edited": state.edited,
        "confirmed": True,
        "confirmationNumber": f"{state.number * 2_654_435_761 % 36**6:09X}",
        "sourceName": _SOURCE[plan.channel],
        "sourceIdentifier": None,
        "taxesIncluded": ledger.included,
        "taxExempt": plan.tax_exempt,
        "estimatedTaxes": False,
        "dutiesIncluded": False,
        "currencyCode": money.currency,
        "presentmentCurrencyCode": money.presentment,
        "displayFinancialStatus": _financial_status(state),
        "displayFulfillmentStatus": _fulfillment_status(state),
        "returnStatus": _return_status(state),
        "fullyPaid": state.outstanding <= 0 and state.cancelled is None,
        "unpaid": state.received == 0 and ledger.total > 0,
        "capturable": state.authorized > 0,
        "fulfillable": any(work.status == "OPEN" for work in state.works),
        "refundable": state.received > state.refunded,
        "restockable": state.cancelled is None,
        "requiresShipping": plan.channel != "pos" and any(not (i.tip or i.gift_card) for i in state.items),
        "canMarkAsPaid": state.outstanding > 0,
        "canNotifyCustomer": email is not None,
        "customerAcceptsMarketing": False,
        "customerLocale": plan.region.locale,
        "merchantEditable": state.cancelled is None,
        "merchantEditableErrors": [],
        "productNetwork": False,
        "billingAddressMatchesShippingAddress": addresses is not None,
        "tags": plan.tags,
        "customAttributes": [],
        "discountCode": plan.codes[0] if plan.codes else None,
        "discountCodes": plan.codes,
        "paymentGatewayNames": sorted({t["gateway"] for t in state.transactions}),
        "additionalFees": [],
        "alerts": [],
        "disputes": [],
        "hasTimelineComment": False,
        "statusPageUrl": f"https://{plan.shop.domain}/orders/{state.number + 1001}/status",
        "nonFulfillableLineItems": [],
        "customer": ref("Customer", customer) if customer else None,
        "purchasingEntity": _purchasing_entity(state, customer),
        "retailLocation": ref("Location", ids.gid("Location", plan.location)) if plan.channel == "pos" else None,
        "billingAddress": billing,
        "shippingAddress": delivery,
        "displayAddress": delivery or billing,
        "subtotalLineItemsQuantity": sums.units,
        "currentSubtotalLineItemsQuantity": sums.units_left,
        "originalTotalPriceSet": money[state.original_total],
        "totalPriceSet": money[sums.total],
        "subtotalPriceSet": money[sums.subtotal],
        "totalDiscountsSet": money[sums.discounts],
        "cartDiscountAmountSet": money[sums.cart_discount],
        "totalTaxSet": money[sums.tax],
        "totalShippingPriceSet": money[shipping.price if shipping else 0],
        "totalTipReceivedSet": money[sums.tips],
        "currentTotalPriceSet": money[ledger.total],
        "currentSubtotalPriceSet": money[ledger.subtotal],
        "currentTotalDiscountsSet": money[ledger.discounts],
        "currentCartDiscountAmountSet": zero,
        "currentTotalTaxSet": money[ledger.tax],
        "currentShippingPriceSet": money[ledger.shipping],
        "totalRefundedSet": money[state.refunded],
        "totalRefundedShippingSet": money[state.refunded_shipping],
        "refundDiscrepancySet": money[state.suggested],
        "totalReceivedSet": money[state.received],
        "netPaymentSet": money[state.received - state.refunded],
        "totalOutstandingSet": money[state.outstanding],
        "totalCapturableSet": money[state.authorized],
        "totalCashRoundingAdjustment": {"paymentSet": zero, "refundSet": zero},
        "totalWeight": str(sums.grams),
        "currentTotalWeight": str(sums.grams_left),
        "taxLines": current_tax[0],
        "currentTaxLines": current_tax[1],
        "shippingLine": state.shipping_line,
        "shippingLines": [state.shipping_line] if state.shipping_line else [],
        "discountApplications": plan.applications,
        "lineItems": [line_document(state, item) for item in state.items],
        "transactions": state.transactions,
        "refunds": state.refunds,
        "fulfillments": state.fulfillments,
        "fulfillmentOrders": [_fulfillment_order(state, work, at) for work in state.works],
        "returns": state.returns,
        "agreements": ledger.agreements,
    }


class _Sums:
    """What the lines add up to, in one pass: cents, units, grams."""

    __slots__ = (
        "cart_discount", "discounts", "grams", "grams_left", "subtotal", "tax", "tips", "total", "units", "units_left",
    )  # fmt: skip

    def __init__(self, state: OrderState) -> None:
        plan, included, shipping = state.plan, state.ledger.included, state.plan.shipping
        self.discounts = sum(cents for _, cents in shipping.allocations) if shipping else 0
        self.tax = shipping.tax if shipping else 0
        self.total = state.original_total
        self.cart_discount = self.subtotal = self.tips = 0
        self.grams = self.grams_left = self.units = self.units_left = 0
        for item in state.items:
            self.tax += item.tax
            if item.added:
                self.total += item.net + (item.tax if plan.taxes_added else 0)
            if item.tip or item.variant is None:
                self.tips += item.net
                continue
            left, grams = item.quantity - item.gone, round(item.variant.weight * 1000)
            self.subtotal += item.net
            self.units_left += left
            self.grams_left += grams * left
            if not item.added:
                self.units += item.quantity
                self.grams += grams * item.quantity
            if item.allocations:
                self.discounts += item.discount_after if included else item.discount_before
                for application, cents in item.allocations:
                    if application["targetSelection"] == "ALL":
                        self.cart_discount += cents


def _financial_status(state: OrderState) -> str:
    if state.refunded:
        return "REFUNDED" if state.refunded >= state.received else "PARTIALLY_REFUNDED"
    if state.voided:
        return "VOIDED"
    if state.authorized:
        return "AUTHORIZED"
    if state.received == 0 and state.original_total > 0:
        return "PENDING"
    return "PARTIALLY_PAID" if state.outstanding > 0 else "PAID"


def _fulfillment_status(state: OrderState) -> str:
    if any(work.status == "ON_HOLD" for work in state.works):
        return "ON_HOLD"
    left = any(units for work in state.works if work.status != "CANCELLED" for _, _, units in work.lines)
    if state.fulfillments:
        return "PARTIALLY_FULFILLED" if left else "FULFILLED"
    return "UNFULFILLED"


def _return_status(state: OrderState) -> str:
    statuses = {doc["status"] for doc in state.returns}
    for status, shown in (("OPEN", "IN_PROGRESS"), ("REQUESTED", "RETURN_REQUESTED"), ("CLOSED", "RETURNED")):
        if status in statuses:
            return shown
    return "NO_RETURN"


def _purchasing_entity(state: OrderState, customer: str | None) -> Doc | None:
    company = state.plan.company
    if company is None:
        return ref("Customer", customer) if customer else None
    ids = state.ids
    return {
        "__typename": "PurchasingCompany",
        "company": ref("Company", ids.gid("Company", company)),
        "contact": ref("CompanyContact", ids.gid("CompanyContact", company)),
        "location": ref("CompanyLocation", ids.gid("CompanyLocation", company * 2)),
    }


def _tax_lines(state: OrderState) -> tuple[list[Doc], list[Doc]]:
    """Taxes by title and rate: as sold, and as they stand now."""
    money = state.money
    sold: dict[tuple[str, int], int] = {}
    now: dict[tuple[str, int], int] = {}
    shipping = state.plan.shipping
    for item in [*state.items, shipping] if shipping else state.items:
        for title, rate, cents in item.parts:
            key = (title, rate)
            sold[key] = sold.get(key, 0) + cents
            now[key] = now.get(key, 0) + cents - cents * item.gone // item.quantity
    return _lines(money, sold), _lines(money, now)


def _lines(money: Any, taxes: dict[tuple[str, int], int]) -> list[Doc]:
    return [
        {
            "title": title,
            "rate": rate / 1_000_000,
            "ratePercentage": rate / 10_000,
            "priceSet": money[cents],
            "channelLiable": False,
        }
        for (title, rate), cents in taxes.items()
    ]


def _fulfillment_order(state: OrderState, work: Work, processed: str) -> Doc:
    ids = state.ids
    base = state.number * WORKS + work.place
    order = ref("Order", state.gid)
    return {
        "__typename": "FulfillmentOrder",
        "id": ids.gid("FulfillmentOrder", base),
        "status": work.status,
        "requestStatus": "CLOSED" if work.status == "CLOSED" else "UNSUBMITTED",
        "createdAt": iso(work.created),
        "updatedAt": iso(work.updated),
        "fulfillAt": iso(work.created // 3600 * 3600),
        "fulfillBy": None,
        "order": order,
        "orderId": state.gid,
        "orderName": state.plan.name,
        "orderProcessedAt": processed,
        "assignedLocation": state.plan.assigned[work.location],
        "deliveryMethod": {
            "__typename": "DeliveryMethod",
            "id": ids.gid("FulfillmentOrder", base).replace("FulfillmentOrder", "DeliveryMethod"),
            "methodType": "SHIPPING" if work.location in WAREHOUSES else "RETAIL",
        },
        "destination": None,
        "fulfillmentHolds": [],
        "fulfillmentOrdersForMerge": [],
        "supportedActions": [],
        "lineItems": [
            {
                "__typename": "FulfillmentOrderLineItem",
                "id": ids.gid("FulfillmentOrderLineItem", base * LINES + place),
                "totalQuantity": total,
                "remainingQuantity": left,
                "lineItem": state.line(item),
                "sku": item.variant.sku,
                "productTitle": item.variant.product.title,
                "variantTitle": None if item.variant.title == "Default Title" else item.variant.title,
                "vendor": item.variant.product.vendor,
                "inventoryItemId": ids.gid("InventoryItem", item.variant.place),
                "variant": ref("ProductVariant", ids.gid("ProductVariant", item.variant.place)),
                "requiresShipping": not item.gift_card,
                "warnings": [],
            }
            for place, (item, total, left) in enumerate(work.lines)
        ],
        "fulfillments": work.fulfillments,
    }
