"""The sales order: what was ordered, as the connector of the storefront writes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.backoffice.erp.case import COPY, PHANTOM, SALES, Case
from sandbox.backoffice.erp.chart import company_day
from sandbox.backoffice.erp.documents import Document, document
from sandbox.backoffice.erp.masters import ADJUSTMENT, DISCOUNT, SHIPPING, TAX, TIP
from sandbox.backoffice.story import Line, Story
from sandbox.world.parameters import SHOPS

ZONES = {shop.key: ZoneInfo(shop.zone) for shop in SHOPS}
_PENDING, _PARTLY, _UNBILLED, _BILLED, _CANCELLED = "B", "D", "F", "G", "C"


def write_sales_order(case: Case) -> None:
    """Write the sales order, and what is planted on it."""
    story, plant = case.story, case.plant
    if not case.known(story.erp_at):
        if story.cancelled_at is None:
            case.tell("ORD-01", story.order_id, story.created_at)
        return
    order = _sales_order(case, SALES, reference(case))
    case.documents.append(order)
    _different_day(case, order)
    if plant == "ORD-03":
        copy = _sales_order(case, COPY, str(story.order_id))
        copy.number, copy.status = case.number("SO") + "-2", _PENDING
        copy.at = copy.modified = story.erp_at + 180
        case.documents.append(copy)
        case.tell("ORD-03", story.order_id, copy.at, documents=[order.number, copy.number])
    elif plant == "ORD-02":
        unknown = story.order_id + 13
        phantom = _sales_order(case, PHANTOM, str(unknown))
        phantom.number, phantom.status = case.number("SO") + "-X", _PENDING
        case.documents.append(phantom)
        case.tell("ORD-02", unknown, phantom.at, document=phantom.number)


def reference(case: Case) -> str:
    """Return the shop's order as the connector wrote it: id, gid or name, as connectors and their settings differ."""
    story, draw = case.story, case.draw("reference")
    if draw < 0.7:
        return str(story.order_id)
    if draw < 0.85:
        return f"gid://shopify/Order/{story.order_id}"
    return story.name if draw < 0.95 else story.name.lstrip("#")


def _sales_order(case: Case, slot: int, order_ref: str) -> Document:
    story = case.story
    order = document(
        case.id(slot), "SalesOrd", case.number("SO"), story.shop, story.erp_at, _status(case), 0,
        day_of=story.created_at, modified=_modified(case), entity=_entity(case), order_ref=order_ref,
        other_ref=story.po_number, currency=story.currency,
    )  # fmt: skip
    order.add(first=True)
    for line in _lines(case):
        _sell(case, order, line)
    if story.shipping_title is not None:
        _ship(case, order)
    tax = sum(line.tax for line in _lines(case)) + story.shipping_tax
    if case.plant == "AMT-02":
        case.tell("AMT-02", story.order_id, order.at, delta=1.37)
        tax += 137
    order.add(item=TAX, itemtype="TaxItem", amount=-tax, tax=True)
    if case.plant == "AMT-01":
        wrong = next(line for line in order.lines if line.itemtype not in (None, "TaxItem"))
        wrong.amount -= 500
        case.tell("AMT-01", story.order_id, order.at, delta=5.00)
    if case.plant == "AMT-05":
        order.currency = story.presentment
        case.tell("AMT-05", story.order_id, order.at, expected=story.currency, actual=story.presentment)
    order.total = -sum(line.amount for line in order.lines)
    order.lines[0].amount = order.total
    return order


def _lines(case: Case) -> list[Line]:
    """The lines that the ERP has heard of by now, without those that an edit took out whole."""
    edited, story = case.edited_at(), case.story
    stale = case.plant == "ORD-07"
    if edited is not None and not stale and not case.known(edited):
        case.tell("ORD-07", story.order_id, story.edited_at or 0)
        stale = True
    elif stale:
        case.tell("ORD-07", story.order_id, story.edited_at or 0)
    lines = [_before(line) if stale else line for line in story.lines if not (stale and line.source == "edit")]
    return [line for line in lines if line.quantity]


def _before(line: Line) -> Line:
    if line.source != "order":
        return line
    quantity, net, tax, discount = line.first
    return replace(line, quantity=quantity, net=net, tax=tax, discount=discount)


def _sell(case: Case, order: Document, line: Line) -> None:
    story, masters = case.story, case.masters
    gross = line.net + line.discount
    kind = masters.itemtype(line.sku, line.kind)
    order.add(
        item=masters.item(line.sku) if line.sku else TIP, itemtype=kind, quantity=-line.quantity,
        rate=round(gross / line.quantity / 100, 6), amount=-gross,
        location=masters.location(story.shop, line.place), reference=str(line.line_id), line_tax=line.tax,
        closed=order.status == _CANCELLED, shipped=order.status in (_UNBILLED, _BILLED),
    )  # fmt: skip
    if line.discount:
        order.add(item=DISCOUNT, itemtype="Discount", amount=line.discount, reference=str(line.line_id))


def _ship(case: Case, order: Document) -> None:
    story = case.story
    gross = story.shipping_net + story.shipping_discount
    item, kind = (SHIPPING, "ShipItem")
    if case.plant == "AMT-04":
        item, kind = (ADJUSTMENT, "OthCharge")
        case.tell("AMT-04", story.order_id, order.at, amount=gross / 100)
    order.add(item=item, itemtype=kind, quantity=-1, rate=gross / 100, amount=-gross, line_tax=story.shipping_tax)
    if story.shipping_discount:
        order.add(item=DISCOUNT, itemtype="Discount", amount=story.shipping_discount, memo="Shipping")


def _status(case: Case) -> str:
    story, cancelled = case.story, case.cancelled_at()
    if cancelled is not None and not story.shipments:
        if case.plant == "ORD-05":
            case.tell("ORD-05", story.order_id, story.cancelled_at or 0)
        elif case.known(cancelled):
            return _CANCELLED
        else:
            case.tell("ORD-05", story.order_id, story.cancelled_at or 0)
        return _PENDING
    sent = [] if case.plant == "FUL-03" else [s for s in story.shipments if case.sent_at(s) <= case.now]
    units = sum(count for shipment in sent for _, _, count in shipment.lines)
    if not units:
        return _PENDING
    if units < sum(line.quantity for line in story.lines if line.kind != "tip"):
        return _PARTLY
    return _UNBILLED if case.plant == "AMT-07" else _BILLED


def _modified(case: Case) -> int:
    story = case.story
    moments = [story.erp_at, case.edited_at(), case.cancelled_at(), *(case.sent_at(s) for s in story.shipments)]
    return max(at for at in moments if at is not None and at <= case.now)


def _entity(case: Case) -> int:
    entity = case.masters.customer(case.story)
    if case.plant == "ORD-08":
        case.tell("ORD-08", case.story.order_id, case.story.erp_at)
        return case.masters.neighbour(entity)
    return entity


def _different_day(case: Case, order: Document) -> None:
    """Tell where the shop's day of an order is not the company's: a difference, and no error."""
    story: Story = case.story
    shown = datetime.fromtimestamp(story.created_at, UTC).astimezone(ZONES[story.shop]).date().isoformat()
    if shown != company_day(story.created_at):
        case.planter.tell(
            "TIM-02", story.shop, story.order_id, story.created_at, case.source, object_type="order",
            state="explained", expected=shown, actual=order.day,
        )  # fmt: skip
