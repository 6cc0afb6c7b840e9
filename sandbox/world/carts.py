"""Baskets that are no orders: open draft orders, and checkouts that were left."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from sandbox.world.context import Context
from sandbox.world.ids import ref
from sandbox.world.orders.basket import CHANNEL, DRAWS, draw_plan
from sandbox.world.orders.ledger import tax_line
from sandbox.world.orders.plan import Item, Plan
from sandbox.world.orders.state import allocations
from sandbox.world.parameters import SHOPS
from sandbox.world.population import ACCOUNT, Population
from sandbox.world.streams import CHECKOUT, DRAFT, uniforms
from sandbox.world.times import DAY, HOUR, iso

Doc = dict[str, Any]

# One open draft per so many customers of the history, one left checkout per so many.
_PER_DRAFT = 60
_PER_CHECKOUT = 8
_BLOCK = 1000
# Completed drafts are numbered by their order; open ones start above all orders.
_OPEN_DRAFTS = 4_000_000


def carts(context: Context, people: Population, after: int, until: int) -> Iterator[Doc]:
    """Drafts and checkouts of a shop that appeared or changed in the period, as they stand at its end."""
    yield from _draft_orders(context, people, after, until)
    yield from _checkouts(context, people, after, until)


def _plans(
    context: Context, people: Population, stream: int, per: int, until: int
) -> Iterator[tuple[int, Plan, list[float]]]:
    parameters = context.parameters
    rate = parameters.arrivals_per_second / per
    count = int((until - parameters.start) * rate) + 1
    for start in range(0, count, _BLOCK):
        numbers = np.arange(start, min(start + _BLOCK, count), dtype=np.int64)
        rows = uniforms(parameters.seed, stream, numbers, DRAWS + 3).tolist()
        for number, row in zip(numbers.tolist(), rows, strict=True):
            moment = parameters.start + int((number + row[DRAWS]) / rate)
            if moment > until or (row[DRAWS + 1] < SHOPS[0].share) != (context.shop.index == 0):
                continue
            customer = _buyer(context, people, int(row[DRAWS + 2] * _arrived(context, moment)), moment)
            if customer < 0:
                continue
            row[CHANNEL] = 0.5
            region = int(people.region[customer])
            yield number, draw_plan(context, number, moment, customer, 1, region, ACCOUNT, row), row


def _arrived(context: Context, moment: int) -> int:
    """Customers that there are at an instant; does not depend on how far the world has gone since."""
    return int((moment - context.parameters.start) * context.parameters.arrivals_per_second)


def _buyer(context: Context, people: Population, wanted: int, moment: int) -> int:
    """The nearest earlier customer of this shop that existed and was not merged away."""
    for number in range(wanted, -1, -1):
        mine = people.shop[number] == context.shop.index and people.kind[number] <= 1
        if mine and people.created[number] < moment and people.survivor[number] == number:
            return number
    return -1


def _draft_orders(context: Context, people: Population, after: int, until: int) -> Iterator[Doc]:
    for number, plan, row in _plans(context, people, DRAFT, _PER_DRAFT, until):
        sent = plan.moment + DAY + int(row[5] * 2 * DAY)
        changed = sent if sent <= until else plan.moment
        if changed > after:
            yield draft_document(context, plan, _OPEN_DRAFTS + number, None, changed, sent if sent <= until else None)


def draft_document(context: Context, plan: Plan, number: int, order: str | None, changed: int, sent: int | None) -> Doc:
    """A DraftOrder: open, sent to the buyer, or completed as an order."""
    ids, money = context.ids, plan.money
    gid = ids.gid("DraftOrder", number)
    goods = [item for item in plan.items if not item.tip and not item.added]
    shipping = plan.shipping
    tax = sum(item.tax for item in goods) + (shipping.tax if shipping else 0)
    subtotal = sum(item.net for item in goods)
    freight = shipping.net if shipping else 0
    originals = sum(item.price * item.quantity for item in goods)
    total = subtotal + freight + (tax if plan.taxes_added else 0)
    created = min(plan.moment, changed) - (2 * HOUR if order else 0)
    return {
        "__typename": "DraftOrder",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "name": f"#D{number % _OPEN_DRAFTS + 1}",
        "status": "COMPLETED" if order else "INVOICE_SENT" if sent else "OPEN",
        "createdAt": iso(created),
        "updatedAt": iso(changed),
        "completedAt": iso(changed) if order else None,
        "invoiceSentAt": iso(sent) if sent else None,
        "invoiceUrl": None,
        "invoiceEmailTemplateSubject": "Your invoice",
        "email": None,
        "phone": None,
        "note2": plan.note,
        "poNumber": plan.po_number,
        "ready": True,
        "tags": plan.tags,
        "taxExempt": plan.tax_exempt,
        "taxesIncluded": plan.shop.taxes_included,
        "currencyCode": money.currency,
        "presentmentCurrencyCode": money.presentment,
        "customAttributes": [],
        "discountCodes": [],
        "visibleToCustomer": True,
        "hasTimelineComment": False,
        "allowDiscountCodesInCheckout": False,
        "allVariantPricesOverridden": False,
        "anyVariantPricesOverridden": False,
        "customer": ref("Customer", ids.gid("Customer", plan.customer)),
        "order": ref("Order", order) if order else None,
        "billingAddressMatchesShippingAddress": True,
        "subtotalPriceSet": money[subtotal],
        "lineItemsSubtotalPrice": money[subtotal],
        "totalLineItemsPriceSet": money[originals],
        "totalDiscountsSet": money[originals - subtotal],
        "totalShippingPriceSet": money[freight],
        "totalTaxSet": money[tax],
        "totalPriceSet": money[total],
        "amountDueNowSet": money[0 if order else total],
        "amountDueLaterSet": money[0],
        "totalQuantityOfLineItems": sum(item.quantity for item in goods),
        "totalWeight": "0",
        "taxLines": [tax_line(money, part) for item in goods for part in item.parts],
        "lineItems": [_draft_line(context, plan, number, item) for item in goods],
    }


def _draft_line(context: Context, plan: Plan, number: int, item: Item) -> Doc:
    discount = sum(cents for _, cents in item.allocations)
    original = item.price * item.quantity
    return {
        **_line(context, item),
        "__typename": "DraftOrderLineItem",
        "id": context.ids.gid("DraftOrderLineItem", number * 64 + item.ordinal),
        "uuid": f"{number:08x}-0000-4000-8000-{item.ordinal:012x}",
        "custom": False,
        "components": [],
        "name": _name(item),
        "vendor": item.variant.product.vendor if item.variant else None,
        "isGiftCard": item.gift_card,
        "taxable": bool(item.parts),
        "requiresShipping": not item.gift_card,
        "originalUnitPriceSet": plan.money[item.price],
        "originalTotalSet": plan.money[original],
        "discountedTotalSet": plan.money[original - discount],
        "totalDiscountSet": plan.money[discount],
        "approximateDiscountedUnitPriceSet": plan.money[(original - discount) // item.quantity],
        "taxLines": [tax_line(plan.money, part) for part in item.parts],
    }


def _checkouts(context: Context, people: Population, after: int, until: int) -> Iterator[Doc]:
    for number, plan, row in _plans(context, people, CHECKOUT, _PER_CHECKOUT, until):
        back = plan.moment + 6 * HOUR + int(row[5] * 3 * DAY) if row[6] < 0.12 else None
        changed = back if back is not None and back <= until else plan.moment + 600
        if after < changed <= until:
            yield _checkout_document(context, plan, number, changed, back if back == changed else None)


def _checkout_document(context: Context, plan: Plan, number: int, changed: int, completed: int | None) -> Doc:
    ids, money = context.ids, plan.money
    gid = ids.gid("AbandonedCheckout", number)
    goods = [item for item in plan.items if not item.tip]
    tax = sum(item.tax for item in goods)
    subtotal = sum(item.net for item in goods)
    originals = sum(item.price * item.quantity for item in goods)
    known = plan.customer % 5 < 4
    return {
        "__typename": "AbandonedCheckout",
        "id": gid,
        "name": f"#{gid.rpartition('/')[2]}",
        "abandonedCheckoutUrl": f"https://{context.shop.domain}/checkouts/{number}/recover",
        "createdAt": iso(plan.moment),
        "updatedAt": iso(changed),
        "completedAt": iso(completed) if completed else None,
        "note": "",
        "customAttributes": [],
        "discountCodes": plan.codes,
        "customer": ref("Customer", ids.gid("Customer", plan.customer)) if known else None,
        "billingAddress": None,
        "shippingAddress": None,
        "taxesIncluded": plan.shop.taxes_included,
        "taxLines": [tax_line(money, part) for item in goods for part in item.parts],
        "subtotalPriceSet": money[subtotal],
        "totalLineItemsPriceSet": money[originals],
        "totalDiscountSet": money[originals - subtotal],
        "totalDutiesSet": None,
        "totalTaxSet": money[tax],
        "totalPriceSet": money[subtotal + (tax if plan.taxes_added else 0)],
        "lineItems": [
            {
                **_line(context, item),
                "__typename": "AbandonedCheckoutLineItem",
                "id": ids.gid("AbandonedCheckoutLineItem", number * 64 + item.ordinal),
                "discountAllocations": allocations(plan, item),
                "originalUnitPriceSet": money[item.price],
                "originalTotalPriceSet": money[item.price * item.quantity],
                "discountedTotalPriceSet": money[item.net],
                "discountedTotalPriceWithCodeDiscount": money[item.net],
                "discountedUnitPriceSet": money[item.net // item.quantity],
                "discountedUnitPriceWithCodeDiscount": money[item.net // item.quantity],
            }
            for item in goods
        ],
    }


def _line(context: Context, item: Item) -> Doc:
    variant = item.variant
    if variant is None:
        raise ValueError("a tip is no line of a basket")
    ids = context.ids
    return {
        "sku": variant.sku,
        "title": variant.product.title,
        "variantTitle": None if variant.title == "Default Title" else variant.title,
        "quantity": item.quantity,
        "customAttributes": [],
        "product": ref("Product", ids.gid("Product", variant.product.place)),
        "variant": ref("ProductVariant", ids.gid("ProductVariant", variant.place)),
    }


def _name(item: Item) -> str:
    if item.variant is None:
        return ""
    title, option = item.variant.product.title, item.variant.title
    return title if option == "Default Title" else f"{title} - {option}"
