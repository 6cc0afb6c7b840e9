"""What goes wrong with an order at an operator: each plant changes parcels or comebacks and says what the truth is.

Plants on waiting orders last until the shop itself goes on with the order: then everything falls into place, as it
does when somebody finds the parcel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.backoffice.lags import DAY, HOUR, chance, lag
from sandbox.backoffice.story import Story
from sandbox.backoffice.threepl_parcels import EXTRA, Back, Parcel, ParcelLine, expected_tracking, parcel_id
from sandbox.backoffice.threepl_sites import site_of

# What is labelled before this hour of the warehouse's clock leaves on the same day.
CUT_OFF_HOUR = 14


@dataclass(slots=True)
class Told:
    """The truth of a plant: which object, and since when the disagreement could be seen."""

    object_key: str
    since: int
    details: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class AtPartner:
    """An order at its operator. `visible` is False while the operator knows nothing of it."""

    story: Story
    parcels: list[Parcel]
    backs: list[Back]
    visible: bool = True
    told: Told | None = None


def break_it(order: AtPartner, code: str, seed: int, skus: Sequence[str]) -> None:
    """Apply a plant, where the order still fits it. `skus` are what the warehouse holds of other things."""
    story = order.story
    if code in _WAITING:
        if not story.shipments and not story.cancelled_at and order.parcels:
            _WAITING[code](order, seed)
    elif code in _SHIPPED:
        if order.parcels and order.parcels[0].status == "shipped" and order.parcels[0].lines:
            _SHIPPED[code](order, seed, skus)
    elif code in _CAME_BACK and order.backs:
        _CAME_BACK[code](order, seed)
    elif code == "RET-01":
        order.backs = []
        order.told = Told(str(story.refunds[0].refund_id), story.refunds[0].at, {"order_id": story.order_id})
    elif code == "ORD-06" and order.parcels:
        _called_off_and_shipped(order, seed)


def _missing(order: AtPartner, seed: int) -> None:
    order.visible = False
    # What the shop holds is not due.
    if not order.story.held:
        order.told = Told(str(order.story.order_id), order.story.ready_at or order.story.created_at)


def _held(order: AtPartner, seed: int) -> None:
    for parcel in order.parcels:
        parcel.status, parcel.held_at = "on_hold", parcel.created_at + HOUR
    order.told = Told(str(order.story.order_id), order.parcels[0].created_at + HOUR)


def _unconfirmed(order: AtPartner, seed: int) -> None:
    parcel = order.parcels[0]
    parcel.labeled_at = parcel.created_at + lag(seed, 40, 100, "unconfirmed", order.story.order_id)
    parcel.shipped_at = parcel.labeled_at + lag(seed, 5, 60, "unconfirmed too", order.story.order_id)
    parcel.status, parcel.tracking = "shipped", expected_tracking(order.story, parcel.number)
    order.told = Told(parcel.tracking, parcel.shipped_at, {"order_id": order.story.order_id})


def _labelled(order: AtPartner, seed: int) -> None:
    parcel = order.parcels[0]
    parcel.labeled_at = parcel.created_at + lag(seed, 30, 90, "label only", order.story.order_id)
    parcel.status, parcel.tracking = "labeled", expected_tracking(order.story, parcel.number)
    order.told = Told(parcel.tracking, parcel.labeled_at, {"order_id": order.story.order_id})


def _seen(parcel: Parcel) -> int:
    return max(parcel.shipped_at or 0, parcel.shop_at or 0)


def _tell(order: AtPartner, parcel: Parcel, **details: object) -> None:
    order.told = Told(parcel.tracking or "", _seen(parcel), {"order_id": order.story.order_id, **details})


def _never_shipped(order: AtPartner, seed: int, skus: Sequence[str]) -> None:
    parcel = order.parcels[0]
    order.told = Told(parcel.tracking or "", parcel.shop_at or 0, {"order_id": order.story.order_id})
    parcel.status, parcel.shipped_at, parcel.labeled_at, parcel.tracking = "processing", None, None, None


def _short_or_over(order: AtPartner, seed: int, skus: Sequence[str]) -> None:
    parcel = order.parcels[0]
    line = max(parcel.lines, key=lambda entry: entry.quantity)
    line.quantity += -1 if line.quantity > 1 else 1
    _tell(order, parcel, sku=line.sku, ordered=line.ordered, shipped=line.quantity)


def _wrong_sku(order: AtPartner, seed: int, skus: Sequence[str]) -> None:
    parcel = order.parcels[0]
    ordered = {line.sku for line in parcel.lines}
    others = [sku for sku in skus if sku not in ordered]
    if not others:
        return
    line = next((line for line in parcel.lines if line.kit is None), parcel.lines[0])
    right, line.sku = line.sku, others[int(chance(seed, "wrong", order.story.order_id) * len(others))]
    _tell(order, parcel, ordered=right, shipped=line.sku)


def _elsewhere(order: AtPartner, seed: int, skus: Sequence[str]) -> None:
    parcel = order.parcels[0]
    right, parcel.site = parcel.site, site_of(parcel.site.shop, 1 - parcel.site.place)
    _tell(order, parcel, expected=right.code, actual=parcel.site.code)


def _twice(order: AtPartner, seed: int, skus: Sequence[str]) -> None:
    first = order.parcels[0]
    number = first.number + EXTRA
    again = replace(
        first, parcel_id=parcel_id(order.story, number), number=number, tracking=expected_tracking(order.story, number),
        shipped_at=(first.shipped_at or 0) + lag(seed, 180, 1_200, "again", order.story.order_id),
        lines=[replace(line) for line in first.lines],
    )  # fmt: skip
    order.parcels.append(again)
    _tell(order, again, first=first.tracking)


def late_label(parcel: Parcel) -> int | None:
    """Return an instant before the cut-off of an earlier day at which the parcel can have been labelled."""
    zone = ZoneInfo(parcel.site.zone)
    left = datetime.fromtimestamp(parcel.shipped_at or 0, zone)
    for days in (2, 1):
        day = left.date() - timedelta(days=days)
        label = datetime(day.year, day.month, day.day, CUT_OFF_HOUR - 1, 20, tzinfo=zone)
        if label.timestamp() > parcel.created_at + 600:
            return int(label.timestamp())
    return None


def _late(order: AtPartner, seed: int, skus: Sequence[str]) -> None:
    parcel = order.parcels[0]
    label = late_label(parcel)
    if label is not None:
        parcel.labeled_at = label
        _tell(order, parcel)


def _incomplete_kit(order: AtPartner, seed: int, skus: Sequence[str]) -> None:
    """Leave a part out, or name the kit instead of its parts."""
    parcel = order.parcels[0]
    parts = [line for line in parcel.lines if line.kit is not None]
    if not parts:
        return
    kit, line_id = str(parts[-1].kit), parts[-1].line_id
    whole = [line for line in parts if line.line_id == line_id]
    if chance(seed, "named", order.story.order_id) < 0.6:
        parcel.lines.remove(parts[-1])
        _tell(order, parcel, kit=kit, missing=parts[-1].sku)
        return
    units = order.story.line(line_id).quantity
    held = [(line.sku, line.quantity) for line in whole]
    parcel.lines = [line for line in parcel.lines if line.line_id != line_id]
    parcel.lines.append(ParcelLine(line_id, kit, units, units, kit, held))
    _tell(order, parcel, kit=kit, missing=None)


def _called_off_and_shipped(order: AtPartner, seed: int) -> None:
    parcel, called_off = order.parcels[0], order.story.cancelled_at or 0
    parcel.labeled_at = max(called_off, parcel.created_at) + lag(seed, 60, 300, "all the same", order.story.order_id)
    parcel.shipped_at = parcel.labeled_at + 30 * 60
    parcel.status, parcel.cancelled_at = "shipped", None
    parcel.tracking = expected_tracking(order.story, parcel.number)
    order.told = Told(str(order.story.order_id), parcel.shipped_at, {"tracking_number": parcel.tracking})


def _never_refunded(order: AtPartner, seed: int) -> None:
    back = next((back for back in order.backs if back.received_at is None), None)
    if back is None:
        return
    told = next(told for told in order.story.returns if told.name == back.rma)
    back.received_at = back.created_at + 2 * DAY + lag(seed, 0, 4_000, "came", order.story.order_id)
    back.completed_at = back.received_at + 4 * HOUR
    for line in back.lines:
        line.received = line.processed = line.expected
        line.disposition = "restock"
    order.told = Told(str(told.return_id), back.received_at, {"order_id": order.story.order_id})


def _thrown_away(order: AtPartner, seed: int) -> None:
    for line in order.backs[0].lines:
        line.disposition, line.reason = "dispose", "damaged"
    order.told = _of_return(order)


def _other_units(order: AtPartner, seed: int) -> None:
    line = order.backs[0].lines[0]
    line.received += -1 if line.received > 1 else 1
    line.processed = line.received
    order.told = _of_return(order)


def _of_return(order: AtPartner) -> Told:
    comeback = order.story.comebacks[0]
    return Told(str(comeback.return_id), comeback.visible_at, {"order_id": order.story.order_id})


_WAITING: dict[str, Callable[[AtPartner, int], None]] = {
    "ORD-04": _missing,
    "ORD-09": _held,
    "FUL-01": _unconfirmed,
    "FUL-08": _labelled,
}
_SHIPPED: dict[str, Callable[[AtPartner, int, Sequence[str]], None]] = {
    "FUL-02": _never_shipped,
    "FUL-04": _short_or_over,
    "FUL-05": _wrong_sku,
    "FUL-06": _elsewhere,
    "FUL-07": _twice,
    "FUL-09": _late,
    "FUL-10": _incomplete_kit,
}
_CAME_BACK: dict[str, Callable[[AtPartner, int], None]] = {
    "RET-02": _never_refunded,
    "RET-04": _thrown_away,
    "RET-05": _other_units,
}
