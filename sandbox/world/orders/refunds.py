"""Steps that pay back: whole or in part, with goods coming back or not, with the money that fits or another amount."""

from dataclasses import dataclass

from sandbox.world.ids import ref
from sandbox.world.orders import payments
from sandbox.world.orders.plan import Doc, Item
from sandbox.world.orders.returns import RETURNS, close_return
from sandbox.world.orders.shipping import uncommit
from sandbox.world.orders.state import CHILDREN, OrderState
from sandbox.world.times import iso

REFUND_LINES = 64


@dataclass(slots=True)
class Refund:
    """A refund to be made: units by line, how they come back, and how much money moves.

    ``money``: "suggested" (what the lines are worth), "none" with the difference booked, "owed" (none yet, the
    difference stays open), or an amount in cents. ``closes``: the return (its place) that this refund finishes.
    """

    units: list[tuple[Item, int]]
    restock: str = "RETURN"
    location: int | None = None
    with_shipping: bool = False
    money: str | int = "suggested"
    note: str | None = None
    closes: int | None = None


def refund(state: OrderState, moment: int, order: Refund) -> None:
    """Make a refund: its agreement, its lines, its money; restocked units are for sale again."""
    ledger, ids, money = state.ledger, state.ids, state.money
    place = state.number * CHILDREN + len(state.refunds)
    gid = ids.gid("Refund", place)
    return_gid = ids.gid("Return", state.number * RETURNS + order.closes) if order.closes is not None else None
    ledger.agree("RefundAgreement", "REFUND", moment, refund=ref("Refund", gid))

    added = not ledger.included
    lines, worth = [], 0
    for item, units in order.units:
        units = min(units, item.quantity - item.gone)
        if units <= 0:
            continue
        net, tax = ledger.take_back(item, units)
        worth += net + (tax if added else 0)
        lines.append(_refund_line(state, item, units, net, tax, order))
    shipping_lines = []
    shipping, shipping_line = state.plan.shipping, state.shipping_line
    if order.with_shipping and shipping is not None and shipping_line is not None and not shipping.gone:
        net, tax = ledger.refund_shipping(shipping, shipping_line)
        worth += net + (tax if added else 0)
        state.refunded_shipping += net + (tax if added else 0)
        shipping_lines.append(
            {
                "__typename": "RefundShippingLine",
                "id": ids.gid("RefundShippingLine", place),
                "shippingLine": shipping_line,
                "subtotalAmountSet": money[net],
                "taxAmountSet": money[tax],
            }
        )

    wanted = {"suggested": worth, "none": 0, "owed": 0}[order.money] if isinstance(order.money, str) else order.money
    paid, transactions = payments.give_back(state, moment, wanted)
    suggestion = worth if state.received else 0
    state.suggested += suggestion - paid
    adjustments = []
    if suggestion != paid and order.money not in ("owed", "suggested"):
        ledger.adjust(suggestion - paid)
        adjustments.append(
            {
                "__typename": "OrderAdjustment",
                "id": ids.gid("OrderAdjustment", place),
                "reason": "RESTOCK" if order.money == "none" else "REFUND_DISCREPANCY",
                "amountSet": money[suggestion - paid],
                "taxAmountSet": money[0],
            }
        )

    at = iso(moment)
    doc: Doc = {
        "__typename": "Refund",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "createdAt": at,
        "processedAt": at,
        "updatedAt": at,
        "note": order.note,
        "order": ref("Order", state.gid),
        "return": ref("Return", return_gid) if return_gid else None,
        "totalRefundedSet": money[paid],
        "refundLineItems": lines,
        "refundShippingLines": shipping_lines,
        "orderAdjustments": adjustments,
        "transactions": transactions,
        "duties": [],
    }
    state.refunds.append(doc)
    if order.closes is not None:
        close_return(state, moment, order.closes, ref("Refund", gid))


def _refund_line(state: OrderState, item: Item, units: int, net: int, tax: int, order: Refund) -> Doc:
    restocked = order.restock != "NO_RESTOCK" and item.variant is not None and not item.gift_card
    location = order.location
    if restocked:
        if order.restock == "CANCEL":
            location = uncommit(state, item, units)
        elif location is not None:
            state.move_stock(item, location, units, 0)
    line = state.number * REFUND_LINES + state.refund_lines
    state.refund_lines += 1
    return {
        "__typename": "RefundLineItem",
        "id": state.ids.gid("RefundLineItem", line),
        "quantity": units,
        "restockType": order.restock,
        "restocked": restocked,
        "lineItem": state.line(item),
        "location": ref("Location", state.ids.gid("Location", location))
        if restocked and location is not None
        else None,
        "priceSet": state.money[item.price],
        "subtotalSet": state.money[net],
        "totalTaxSet": state.money[tax],
    }
