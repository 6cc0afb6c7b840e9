"""Steps that move goods out: shipping a fulfilment order, delivery, holds."""

from sandbox.world.ids import ref
from sandbox.world.orders.ledger import LINES
from sandbox.world.orders.plan import Doc, Item
from sandbox.world.orders.state import CHILDREN, WORKS, OrderState, Work
from sandbox.world.times import iso

_CARRIERS = {
    "US": ("UPS", "https://www.ups.com/track?tracknum="),
    "DE": ("DHL", "https://www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode="),
}


def ship(state: OrderState, moment: int, place: int) -> None:
    """Ship all that is left of a fulfilment order; an order fully shipped and paid is archived."""
    work = state.works[place]
    lines = []
    for entry in work.lines:
        item, _, left = entry
        if left:
            lines.append(_line(state, item, left))
            entry[2] = 0
            item.shipped += left
            state.move_stock(item, work.location, 0, -left)
    if not lines:
        return
    work.status, work.updated = "CLOSED", moment
    doc = _fulfillment(state, moment, work, lines)
    work.fulfillments.append(doc)
    state.fulfillments.append(doc)
    if all(other.status in ("CLOSED", "CANCELLED") for other in state.works) and state.outstanding <= 0:
        state.closed = moment


def _line(state: OrderState, item: Item, units: int) -> Doc:
    gid = state.ids.gid("FulfillmentLineItem", state.number * LINES + state.fulfillment_lines)
    state.fulfillment_lines += 1
    return {
        "__typename": "FulfillmentLineItem",
        "id": gid,
        "quantity": units,
        "lineItem": state.line(item),
        "originalTotalSet": state.money[item.price * units],
        "discountedTotalSet": state.money[(item.price * item.quantity - item.level_discount) * units // item.quantity],
    }


def _fulfillment(state: OrderState, moment: int, work: Work, lines: list[Doc]) -> Doc:
    at = iso(moment)
    place = len(state.fulfillments)
    gid = state.ids.gid("Fulfillment", state.number * CHILDREN + place)
    plan = state.plan
    handed_over = plan.channel == "pos" or all(item.gift_card or item.tip for item in state.items)
    carrier, link = _CARRIERS[plan.shop.country]
    tracking = f"{carrier}{state.number * CHILDREN + place:012d}"
    return {
        "__typename": "Fulfillment",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "name": f"{plan.name}.{place + 1}",
        "status": "SUCCESS",
        "displayStatus": "FULFILLED" if handed_over else "IN_TRANSIT",
        "createdAt": at,
        "updatedAt": at,
        "inTransitAt": None if handed_over else at,
        "deliveredAt": None,
        "estimatedDeliveryAt": None,
        "requiresShipping": not handed_over,
        "totalQuantity": sum(line["quantity"] for line in lines),
        "location": ref("Location", state.ids.gid("Location", work.location)),
        "order": ref("Order", state.gid),
        "trackingInfo": [] if handed_over else [{"company": carrier, "number": tracking, "url": link + tracking}],
        "fulfillmentLineItems": lines,
        "fulfillmentOrders": [
            ref("FulfillmentOrder", state.ids.gid("FulfillmentOrder", state.number * WORKS + work.place))
        ],
        "events": [],
    }


def deliver(state: OrderState, moment: int, place: int) -> None:
    """The parcel of a fulfilment order arrives."""
    for fulfillment in state.works[place].fulfillments:
        fulfillment["displayStatus"] = "DELIVERED"
        fulfillment["deliveredAt"] = fulfillment["updatedAt"] = iso(moment)


def hold(state: OrderState, moment: int, place: int) -> None:
    """Stop a fulfilment order, for instance for an address that cannot be right."""
    work = state.works[place]
    work.status, work.updated = "ON_HOLD", moment


def release(state: OrderState, moment: int, place: int) -> None:
    """Let a fulfilment order go on."""
    work = state.works[place]
    work.status, work.updated = "OPEN", moment


def uncommit(state: OrderState, item: Item, units: int) -> int | None:
    """Take units out of work that has not shipped; returns the location they stay at."""
    for work in state.works:
        for entry in work.lines:
            if entry[0] is item and entry[2]:
                freed = min(units, entry[2])
                entry[1] -= freed
                entry[2] -= freed
                state.move_stock(item, work.location, freed, -freed)
                return work.location
    return None
