"""From random numbers to an order: channel, lines, discounts, shipping, tip."""

import math

from sandbox.world.catalog import KIT, Variant
from sandbox.world.context import Context
from sandbox.world.discounts import application, manual_application, spread
from sandbox.world.locations import STORE
from sandbox.world.orders.plan import Doc, Item, Money, Plan
from sandbox.world.population import BUSINESS, NAMELESS
from sandbox.world.regions import HOME_REGION, REGIONS
from sandbox.world.times import DAY

# Places of the draws in an order's row.
CHANNEL, KIND, COUNT, PICK, UNITS, DISCOUNT, CODE, SHIPPING, TIP, FOREIGN = 0, 1, 2, 3, 9, 15, 16, 17, 18, 19
GATEWAY, FATE, FATE_DETAIL, LEAVING, SPLIT, ARRIVING, LATER, LINE, AMOUNT, PLACE = (
    20,
    21,
    22,
    23,
    24,
    25,
    26,
    27,
    28,
    29,
)
TEST, FAILURE, NOTE, EXTRA, WAIT = 30, 31, 32, 33, 34
DRAWS = 36

_COUNT_SHARES = (0.45, 0.72, 0.88, 0.96, 1.0)
_FOREIGN: tuple[tuple[tuple[str, float], ...], ...] = (
    (("CAD", 1.37), ("GBP", 0.78), ("EUR", 0.92)),
    (("GBP", 0.86), ("CHF", 0.95)),
)
_NOTES = ("Please leave at the door", "Gift, no invoice in the parcel please", "Ring twice")


def draw_plan(
    context: Context, number: int, moment: int, customer: int, position: int, region: int, kind: int, draws: list[float]
) -> Plan:
    """The order that a customer places; ``position`` 0 is the first one."""
    shop = context.shop
    d = draws[CHANNEL]
    if kind == BUSINESS:
        channel = "draft"
    elif kind == NAMELESS:
        channel = "pos" if customer % 2 else "web"
    else:
        channel = "pos" if d < 0.08 else "draft" if d < 0.105 else "web"
    place = HOME_REGION[shop.index] if channel == "pos" else region
    plan = Plan(
        shop, context.ids, _money(context, moment, channel, draws), number, moment, customer,
        REGIONS[shop.index][place], channel, context.assigned,
    )  # fmt: skip
    if kind == BUSINESS:
        plan.company = customer
        plan.po_number = f"PO-{customer}-{position + 1:03d}"
        plan.tax_exempt = shop.index == 0 and customer % 5 < 2
        plan.tags = ["b2b"]
    plan.test = draws[TEST] < 0.005
    if draws[TEST] < 0.001:
        plan.deleted = moment + 30 * DAY
    if draws[NOTE] < 0.06:
        plan.note = _NOTES[int(draws[NOTE] / 0.06 * len(_NOTES))]

    _fill(context, plan, kind, draws)
    _discount(context, plan, position, draws)
    _ship(plan, draws)
    _tip(plan, draws)
    settle(plan)
    return plan


def _money(context: Context, moment: int, channel: str, draws: list[float]) -> Money:
    if channel != "web" or draws[FOREIGN] > 0.08:
        return context.money
    choices = _FOREIGN[context.shop.index]
    currency, rate = choices[int(draws[FOREIGN] / 0.08001 * len(choices))]
    return Money(context.shop.currency, currency, rate * (1 + 0.02 * math.sin(moment / DAY / 29)))


def _fill(context: Context, plan: Plan, kind: int, draws: list[float]) -> None:
    catalog, moment = context.catalog, plan.moment
    if draws[KIND] < 0.02 and plan.channel == "web":
        variant = catalog.gift_cards[int(draws[PICK] * len(catalog.gift_cards))]
        item = Item(0, variant, 1, variant.price(moment))
        item.gift_card = True
        plan.items.append(item)
        return
    count = next(n for n, share in enumerate(_COUNT_SHARES, start=1) if draws[COUNT] <= share)
    chosen: list[Variant] = []
    for line in range(count):
        variant = catalog.choose(draws[PICK + line], moment)
        if variant in chosen:
            continue
        chosen.append(variant)
        d = draws[UNITS + line]
        units = 1 if d < 0.8 else 2 if d < 0.95 else 3
        if kind == BUSINESS:
            units = 5 + int(d * 21)
        if variant.product.kind == KIT:
            _add_kit(context, plan, variant, units)
        else:
            plan.items.append(Item(len(plan.items), variant, units, variant.price(moment)))


def _add_kit(context: Context, plan: Plan, kit: Variant, units: int) -> None:
    """A kit is sold as its components, grouped; each carries its share of the kit's price."""
    ids = context.ids
    group: Doc = {
        "__typename": "LineItemGroup",
        "id": ids.gid("LineItemGroup", plan.number * 64 + len(plan.items)),
        "title": kit.product.title,
        "quantity": units,
        "productId": ids.gid("Product", kit.product.place),
        "variantId": ids.gid("ProductVariant", kit.place),
        "variantSku": kit.sku,
        "customAttributes": [],
    }
    price = kit.price(plan.moment)
    whole = sum(part.base_price * count for part, count in kit.components)
    shares = [price * part.base_price // whole for part, _ in kit.components]
    # Cents that do not divide go to a component of which there is one.
    single = next(place for place, (_, count) in enumerate(kit.components) if count == 1)
    shares[single] += price - sum(share * count for share, (_, count) in zip(shares, kit.components, strict=True))
    for share, (part, count) in zip(shares, kit.components, strict=True):
        item = Item(len(plan.items), part, units * count, share)
        item.group = group
        plan.items.append(item)


def _discount(context: Context, plan: Plan, position: int, draws: list[float]) -> None:
    promotions, currency = context.promotions, context.shop.currency
    goods = [item for item in plan.items if not item.gift_card]
    for item in goods:
        if item.quantity > 1 and item.group is None and _is_shirt(item):
            if not plan.applications:
                plan.applications.append(application(promotions.pairs, 0, currency))
            item.level_discount = item.price * item.quantity * promotions.pairs.percent // 100
            item.allocations.append((plan.applications[0], item.level_discount))
    if not goods or plan.channel == "pos":
        return
    index = len(plan.applications)
    basket = sum(item.price * item.quantity - item.level_discount for item in goods)
    if plan.channel == "draft":
        if draws[DISCOUNT] < 0.3:
            plan.applications.append(manual_application(index, 10))
            spread(goods, basket // 10, plan.applications[index])
        return
    if draws[DISCOUNT] >= 0.2:
        return
    promotion = promotions.code_for(draws[CODE], plan.moment, position == 0, basket)
    plan.codes.append(promotion.title)
    plan.applications.append(application(promotion, index, currency))
    if not promotion.for_shipping:
        amount = promotion.amount or (basket * promotion.percent + 50) // 100
        spread(goods, amount, plan.applications[index])


def _is_shirt(item: Item) -> bool:
    return item.variant is not None and item.variant.product.product_type == "Shirts"


def _ship(plan: Plan, draws: list[float]) -> None:
    if plan.channel == "pos":
        plan.location = STORE
        plan.locations = [STORE]
        return
    plan.location = int(draws[PLACE] >= 0.7)
    plan.locations = [plan.location]
    if plan.items[0].gift_card:
        return
    if len(plan.items) > 1 and draws[SPLIT] < 0.08:
        plan.locations.append(1 - plan.location)
        plan.items[-1].work = 1
    basket = sum(item.price * item.quantity for item in plan.items)
    express = draws[SHIPPING] < 0.15
    plan.shipping_title = "Express" if express else "Standard"
    price = 1295 if express else 0 if basket >= 10_000 else 495
    plan.shipping = Item(0, None, 1, price)
    for entry in plan.applications:
        if entry["targetType"] == "SHIPPING_LINE" and price:
            plan.shipping.allocations.append((entry, price))


def _tip(plan: Plan, draws: list[float]) -> None:
    if draws[TIP] < (0.08 if plan.channel == "pos" else 0.02) and plan.channel != "draft":
        basket = sum(item.price * item.quantity for item in plan.items)
        plan.items.append(Item(len(plan.items), None, 1, max(100, basket // 1000 * 100)))


def taxes_of(plan: Plan, item: Item) -> tuple[tuple[str, int], ...]:
    """Titles and rates that hold for a line."""
    if plan.tax_exempt or item.gift_card or (item.tip and item is not plan.shipping):
        return ()
    if item is plan.shipping:
        return tuple((title, rate) for title, rate, _ in plan.region.taxes) if plan.region.shipping_taxed else ()
    reduced = item.variant is not None and item.variant.product.reduced_tax
    return tuple((title, low if reduced else high) for title, high, low in plan.region.taxes)


def settle(plan: Plan) -> None:
    """Work out taxes and totals of every line."""
    included = plan.shop.taxes_included
    for item in plan.items:
        item.settle(taxes_of(plan, item), included)
    if plan.shipping is not None:
        plan.shipping.settle(taxes_of(plan, plan.shipping), included)
