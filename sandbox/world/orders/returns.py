"""Steps of goods on their way back: return, approval, refusal, exchange."""

from dataclasses import dataclass, field

from sandbox.world.ids import ref
from sandbox.world.orders.plan import Doc, Item
from sandbox.world.orders.state import OrderState, Work
from sandbox.world.times import iso

RETURNS = 8


@dataclass(slots=True)
class Return:
    """A return to be opened: one line, some units, and what goes out in exchange."""

    item: Item
    units: int
    status: str
    reason: str
    exchange: list[Item] = field(default_factory=list)


def open_return(state: OrderState, moment: int, order: Return) -> None:
    """The customer announces, or the merchant notes, that goods come back."""
    place = state.number * RETURNS + len(state.returns)
    gid = state.ids.gid("Return", place)
    line = next(
        line
        for fulfillment in state.fulfillments
        for line in fulfillment["fulfillmentLineItems"]
        if line["lineItem"]["id"] == state.line(order.item)["id"]
    )
    net = order.item.net * order.units // order.item.quantity
    state.returns.append(
        {
            "__typename": "Return",
            "id": gid,
            "name": f"{state.plan.name}-R{len(state.returns) + 1}",
            "status": order.status,
            "createdAt": iso(moment),
            "requestApprovedAt": iso(moment) if order.status == "OPEN" else None,
            "closedAt": None,
            "totalQuantity": order.units,
            "order": ref("Order", state.gid),
            "decline": None,
            "refunds": [],
            "returnShippingFees": [],
            "transactions": [],
            "returnLineItems": [
                {
                    "__typename": "ReturnLineItem",
                    "id": state.ids.gid("ReturnLineItem", place),
                    "quantity": order.units,
                    "processableQuantity": order.units,
                    "processedQuantity": 0,
                    "unprocessedQuantity": order.units,
                    "refundableQuantity": order.units,
                    "refundedQuantity": 0,
                    "returnReasonNote": order.reason,
                    "customerNote": None,
                    "fulfillmentLineItem": line,
                    "withCodeDiscountedTotalPriceSet": state.money[net],
                }
            ],
            "exchangeLineItems": [_exchange_line(state, place, item, processed=False) for item in order.exchange],
        }
    )


def _exchange_line(state: OrderState, place: int, item: Item, processed: bool) -> Doc:
    variant = item.variant
    line = state.line(item)
    done = item.quantity if processed else 0
    return {
        "__typename": "ExchangeLineItem",
        "id": state.ids.gid("ExchangeLineItem", place),
        "quantity": item.quantity,
        "processableQuantity": item.quantity - done,
        "processedQuantity": done,
        "unprocessedQuantity": item.quantity - done,
        "title": variant.product.title if variant else None,
        "variantTitle": variant.title if variant else None,
        "variantSku": variant.sku if variant else None,
        "variantId": state.ids.gid("ProductVariant", variant.place) if variant else None,
        "productId": state.ids.gid("Product", variant.product.place) if variant else None,
        "lineItems": [line] if processed else [],
    }


def approve_return(state: OrderState, moment: int, place: int) -> None:
    """The merchant agrees to a return that was asked for."""
    state.returns[place]["status"] = "OPEN"
    state.returns[place]["requestApprovedAt"] = iso(moment)


def decline_return(state: OrderState, moment: int, place: int) -> None:
    """The merchant refuses a return that was asked for."""
    state.returns[place]["status"] = "DECLINED"
    state.returns[place]["decline"] = {"note": "Outside the return period", "reason": "RETURN_PERIOD_ENDED"}


def close_return(state: OrderState, moment: int, place: int, refund_ref: Doc | None) -> None:
    """Finish a return; with a refund its units count as refunded."""
    doc = state.returns[place]
    doc["status"], doc["closedAt"] = "CLOSED", iso(moment)
    if refund_ref:
        doc["refunds"].append(refund_ref)
    for line in doc["returnLineItems"]:
        units = line["quantity"]
        line.update(processedQuantity=units, unprocessedQuantity=0, processableQuantity=0)
        line.update(refundedQuantity=units if refund_ref else 0, refundableQuantity=0)


def exchange(state: OrderState, moment: int, order: Return) -> None:
    """Process an exchange: the old units come back, the new line is sold and goes to work, under one agreement."""
    place = state.number * RETURNS + len(state.returns) - 1
    doc = state.returns[-1]
    state.ledger.agree("ReturnAgreement", "RETURN", moment, **{"return": ref("Return", doc["id"])})
    state.ledger.take_back(order.item, order.units)
    location = state.works[order.item.work].location
    state.move_stock(order.item, location, order.units, 0)
    work = Work(len(state.works), location, moment)
    state.works.append(work)
    for item in order.exchange:
        item.work = work.place
        state.ledger.sell(item)
        state.items.append(item)
        state.assign(item, work)
    doc["exchangeLineItems"] = [_exchange_line(state, place, item, processed=True) for item in order.exchange]
    state.closed = None
    close_return(state, moment, len(state.returns) - 1, None)
