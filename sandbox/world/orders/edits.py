"""Steps that change what was agreed before it ships: edits and cancellations."""

from dataclasses import dataclass

from sandbox.world.orders import payments
from sandbox.world.orders.plan import Item
from sandbox.world.orders.refunds import Refund, refund
from sandbox.world.orders.shipping import uncommit
from sandbox.world.orders.state import OrderState


def add_line(state: OrderState, moment: int, item: Item) -> None:
    """An order edit that adds a line."""
    before = state.ledger.total
    state.ledger.agree("OrderEditAgreement", "ORDER_EDIT", moment)
    state.ledger.sell(item)
    state.items.append(item)
    state.assign(item, state.works[item.work])
    state.grown += state.ledger.total - before
    _edited(state, moment)


def remove_units(state: OrderState, moment: int, removal: tuple[Item, int]) -> None:
    """An order edit that takes units out before they ship."""
    item, units = removal
    state.ledger.agree("OrderEditAgreement", "ORDER_EDIT", moment)
    state.ledger.take_back(item, units)
    item.removed += units
    uncommit(state, item, units)
    _edited(state, moment)


def _edited(state: OrderState, moment: int) -> None:
    state.edited = True
    state.event_marks.append((moment, "edited"))


@dataclass(slots=True)
class Cancellation:
    """How an order is called off. ``keep_money``: paid and not paid back."""

    reason: str
    keep_money: bool = False


def cancel(state: OrderState, moment: int, order: Cancellation) -> None:
    """Call the order off: every line taken back, money returned or released, work stopped."""
    state.cancelled, state.cancel_reason, state.closed = moment, order.reason, moment
    payments.void(state, moment)
    everything = [(item, item.quantity - item.gone) for item in state.items]
    money = "owed" if order.keep_money else "suggested"
    refund(state, moment, Refund(everything, restock="CANCEL", with_shipping=True, money=money, note="Canceled"))
    for work in state.works:
        if work.status != "CLOSED":
            work.status, work.updated = "CANCELLED", moment
    state.event_marks.append((moment, "cancelled"))
