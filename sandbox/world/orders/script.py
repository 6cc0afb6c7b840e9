"""What happens to an order after checkout, and when: payment, shipping, edits, cancellations, returns, refunds."""

from collections.abc import Callable
from typing import Any

from sandbox.world.context import Context
from sandbox.world.orders import basket, edits, payments, refunds, returns, shipping
from sandbox.world.orders.plan import Item, Plan
from sandbox.world.orders.state import OrderState
from sandbox.world.times import DAY, HOUR

# Fates of orders, by share; the rest ends with delivery.
_FATES = (
    (0.012, "cancel_refunded"),
    (0.018, "cancel_voided"),
    (0.021, "cancel_unpaid"),
    (0.024, "cancel_kept"),
    (0.036, "edit_added"),
    (0.046, "edit_removed"),
    (0.090, "return_refunded"),
    (0.100, "refund_all"),
    (0.112, "refund_damaged"),
    (0.122, "goodwill"),
    (0.130, "restock_only"),
    (0.134, "restock_owed"),
    (0.146, "exchange"),
    (0.154, "return_open"),
    (0.158, "return_declined"),
)
_REASONS = ("CUSTOMER", "INVENTORY", "FRAUD", "OTHER")
_RETURN_REASONS = ("Too small", "Too large", "Not as pictured", "Changed my mind")


class _Script:
    """Steps in the making."""

    def __init__(self, plan: Plan) -> None:
        self._steps = plan.steps

    def at(self, moment: float, action: Callable[[OrderState, int, Any], None], argument: Any = None) -> None:
        self._steps.append((int(moment), len(self._steps), action, argument))


def write_script(context: Context, plan: Plan, draws: list[float]) -> None:
    """Fill ``plan.steps``, in the order of time."""
    script = _Script(plan)
    moment = plan.moment
    fate = next((name for share, name in _FATES if draws[basket.FATE] < share), "")
    gift_card = plan.items[0].gift_card
    if plan.channel == "pos" or gift_card:
        _counter(script, plan, draws)
        if fate in ("return_refunded", "refund_all", "refund_damaged") and not gift_card:
            _refund_later(script, plan, draws, moment + HOUR, fate, by_return=False)
        plan.steps.sort(key=_by_time)
        return

    leaves = moment + 6 * HOUR + draws[basket.LEAVING] ** 2 * 5 * DAY
    authorized = fate in ("cancel_voided", "edit_removed") or draws[basket.GATEWAY] < 0.12
    unpaid = fate == "cancel_unpaid" or plan.company is not None
    _payment(script, plan, draws, leaves, authorized, unpaid)
    if fate.startswith("cancel"):
        reason = _REASONS[int(draws[basket.FATE_DETAIL] * len(_REASONS))]
        when = moment + HOUR + draws[basket.WAIT] * (leaves - moment - HOUR)
        script.at(when, edits.cancel, edits.Cancellation(reason, keep_money=fate == "cancel_kept"))
        plan.steps.sort(key=_by_time)
        return
    if fate == "edit_added":
        _add_line(script, context, plan, draws, unpaid or authorized)
    elif fate == "edit_removed":
        item = plan.items[0]
        script.at(moment + 2 * HOUR, edits.remove_units, (item, max(1, item.quantity // 2)))

    arrives = _shipments(script, plan, draws, leaves)
    later = arrives + (1 + draws[basket.LATER] * 24) * DAY
    if fate in ("return_refunded", "refund_all", "refund_damaged", "goodwill", "restock_only", "restock_owed"):
        _refund_later(script, plan, draws, later, fate, by_return=fate in ("return_refunded", "refund_all"))
    elif fate == "exchange":
        _exchange(script, plan, draws, later)
    elif fate in ("return_open", "return_declined"):
        _announce(script, plan, draws, later, fate)
    plan.steps.sort(key=_by_time)


def _by_time(step: tuple[int, int, Any, Any]) -> tuple[int, int]:
    return step[:2]


def _counter(script: _Script, plan: Plan, draws: list[float]) -> None:
    """Sold and handed over, or sent by mail as a code, at once."""
    if plan.channel == "pos":
        plan.gateway = "cash" if draws[basket.GATEWAY] < 0.3 else "shopify_payments"
    script.at(plan.moment, payments.pay)
    script.at(plan.moment, shipping.ship, 0)


def _payment(script: _Script, plan: Plan, draws: list[float], leaves: float, authorized: bool, unpaid: bool) -> None:
    moment = plan.moment
    if unpaid:
        plan.gateway = "Bank Deposit"
        script.at(moment, payments.expect)
        script.at(moment + (5 + draws[basket.WAIT] * 25) * DAY, payments.pay)
        return
    plan.gateway = "paypal" if 0.12 <= draws[basket.GATEWAY] < 0.32 else "shopify_payments"
    if draws[basket.FAILURE] < 0.02:
        script.at(moment, payments.fail)
    if authorized:
        script.at(moment, payments.authorize)
        script.at(leaves, payments.capture)
    else:
        script.at(moment, payments.pay)


def _shipments(script: _Script, plan: Plan, draws: list[float], leaves: float) -> float:
    """Ship and deliver every fulfilment order; returns when the last parcel arrives."""
    travel = (1.5 + draws[basket.ARRIVING] * 4.5) * DAY
    if draws[basket.EXTRA] < 0.012:
        script.at(plan.moment + HOUR, shipping.hold, 0)
        leaves += 3 * DAY
        script.at(leaves - HOUR, shipping.release, 0)
    arrives = leaves
    for place in range(len(plan.locations)):
        departs = leaves + place * (0.2 + draws[basket.SPLIT] * 30) * DAY
        arrives = departs + travel
        script.at(departs, shipping.ship, place)
        script.at(arrives, shipping.deliver, place)
    return arrives


def _goods(plan: Plan) -> list[Item]:
    return [item for item in plan.items if not item.tip]


def _refund_later(script: _Script, plan: Plan, draws: list[float], moment: float, fate: str, by_return: bool) -> None:
    goods = _goods(plan)
    item = goods[int(draws[basket.LINE] * len(goods))]
    units = max(1, round(draws[basket.AMOUNT] * item.quantity))
    location = plan.locations[item.work]
    order = refunds.Refund([(item, units)], location=location)
    if fate == "refund_all":
        order = refunds.Refund([(i, i.quantity) for i in goods], location=location, with_shipping=True)
        # A return names one line here: with several, the rest comes back without one.
        by_return = by_return and len(goods) == 1
        units = item.quantity
    elif fate == "refund_damaged":
        order.restock, order.note = "NO_RESTOCK", "Damaged in transit"
    elif fate == "goodwill":
        order.units, order.note, order.money = [], "Late delivery", 500 + int(draws[basket.AMOUNT] * 4) * 250
    elif fate in ("restock_only", "restock_owed"):
        order.note = "Returned to sender"
        order.money = "none" if fate == "restock_only" else "owed"
    if by_return:
        reason = _RETURN_REASONS[int(draws[basket.FATE_DETAIL] * len(_RETURN_REASONS))]
        asked = draws[basket.WAIT] < 0.4
        script.at(moment, returns.open_return, returns.Return(item, units, "REQUESTED" if asked else "OPEN", reason))
        if asked:
            script.at(moment + DAY, returns.approve_return, 0)
        order.closes = 0
        moment += (3 + draws[basket.WAIT] * 6) * DAY
    script.at(moment, refunds.refund, order)


def _announce(script: _Script, plan: Plan, draws: list[float], moment: float, fate: str) -> None:
    """A return that is refused, or stays open for long because the parcel never comes."""
    goods = _goods(plan)
    item = goods[int(draws[basket.LINE] * len(goods))]
    reason = _RETURN_REASONS[int(draws[basket.FATE_DETAIL] * len(_RETURN_REASONS))]
    script.at(moment, returns.open_return, returns.Return(item, 1, "REQUESTED", reason))
    decision = returns.decline_return if fate == "return_declined" else returns.approve_return
    script.at(moment + DAY, decision, 0)


def _exchange(script: _Script, plan: Plan, draws: list[float], moment: float) -> None:
    """One unit goes back, another variant of the product at the same price goes out."""
    for item in _goods(plan):
        variant = item.variant
        if variant is None or item.allocations or item.group or len(variant.product.variants) < 2:
            continue
        siblings = [v for v in variant.product.variants if v is not variant and v.base_price == variant.base_price]
        if not siblings:
            continue
        other = siblings[int(draws[basket.AMOUNT] * len(siblings))]
        new = _later_line(plan, len(plan.items), other, item.price)
        order = returns.Return(item, 1, "OPEN", _RETURN_REASONS[0], [new])
        script.at(moment, returns.open_return, order)
        script.at(moment + 4 * DAY, returns.exchange, order)
        script.at(moment + 4 * DAY + 60, payments.pay)
        script.at(moment + 5 * DAY, shipping.ship, len(plan.locations))
        script.at(moment + 8 * DAY, shipping.deliver, len(plan.locations))
        return


def _add_line(script: _Script, context: Context, plan: Plan, draws: list[float], paid_later: bool) -> None:
    held = {item.variant for item in plan.items}
    variant = context.catalog.choose(draws[basket.EXTRA], plan.moment)
    if variant in held or variant.components:
        return
    new = _later_line(plan, len(plan.items), variant, variant.price(plan.moment))
    script.at(plan.moment + 2 * HOUR, edits.add_line, new)
    if not paid_later:
        script.at(plan.moment + 3 * HOUR, payments.pay)


def _later_line(plan: Plan, ordinal: int, variant: Any, price: int) -> Item:
    item = Item(ordinal, variant, 1, price)
    item.added = True
    item.settle(basket.taxes_of(plan, item), plan.shop.taxes_included)
    return item
