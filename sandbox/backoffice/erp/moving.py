"""What leaves and what is charged: item fulfilments with their cost, and an invoice for each of them."""

from __future__ import annotations

from sandbox.backoffice.erp.case import BILLED, SALES, SENT, Case
from sandbox.backoffice.erp.chart import ACCOUNTS
from sandbox.backoffice.erp.documents import Document, document
from sandbox.backoffice.erp.masters import DISCOUNT, SHIPPING, TAX, TIP
from sandbox.backoffice.story import Line, Shipment
from sandbox.backoffice.threepl_seen import seen_at


def write_shipments(case: Case) -> None:
    """Write a fulfilment and an invoice for each shipment that the ERP knows by now."""
    charged: dict[int, int] = {}
    for place, shipment in enumerate(case.story.shipments):
        at = case.sent_at(shipment)
        if case.plant == "FUL-03" or not case.known(at):
            # Nobody misses what the operator has not told yet.
            if shipment.partner and case.known(seen_at(case.masters.records, case.story, shipment)):
                case.tell("FUL-03", shipment.tracking, shipment.shipped_at, order_id=case.story.order_id)
            continue
        sent = _fulfillment(case, place, shipment, at)
        case.documents.append(sent)
        if case.plant == "AMT-07":
            case.tell("AMT-07", case.story.order_id, at, document=sent.number)
            continue
        case.documents.append(_invoice(case, place, shipment, at, charged))


def _fulfillment(case: Case, place: int, shipment: Shipment, at: int) -> Document:
    story, masters = case.story, case.masters
    location = masters.location(story.shop, shipment.place)
    sent = document(
        case.id(SENT + place), "ItemShip", case.number("IF", place), story.shop, at, "C", 0, day_of=shipment.shipped_at,
        entity=masters.customer(story), order_ref=str(story.order_id), shipped_at=shipment.shipped_at,
        tracking=shipment.tracking, location=location,
    )  # fmt: skip
    sent.ship_day = sent.day
    sent.add(first=True, created_from=case.id(SALES))
    costs = case.plant != "AMT-08"
    if not costs:
        case.tell("AMT-08", story.order_id, at, document=sent.number)
    for line_id, sku, units in shipment.lines:
        kind = masters.itemtype(sku, story.line(line_id).kind)
        parent = sent.add(
            item=masters.item(sku), itemtype=kind, quantity=units, location=location, created_from=case.id(SALES),
            reference=str(line_id), stock=kind == "InvtPart",
        )  # fmt: skip
        if kind not in ("InvtPart", "Kit"):
            continue
        for part, count in masters.parts(sku, story.created_at, story.shop):
            if part != sku:
                sent.add(
                    item=masters.item(part), itemtype="InvtPart", quantity=units * count, location=location,
                    component=True, member_of=sent.lines.index(parent), created_from=case.id(SALES), stock=True,
                )  # fmt: skip
            cost = masters.cost(part) * units * count
            if costs and cost:
                sent.add(item=masters.item(part), amount=cost, account=ACCOUNTS[story.shop, "cogs"], posted=cost,
                         cogs=True, location=location)  # fmt: skip
                sent.add(item=masters.item(part), amount=-cost, account=ACCOUNTS[story.shop, "inventory"],
                         posted=-cost, cogs=True, location=location)  # fmt: skip
    return sent


def _share(amount: int, before: int, units: int, whole: int) -> int:
    """The part of an amount that goes with some units, so that all parts add up to the cent."""
    return amount * (before + units) // whole - amount * before // whole


def _invoice(case: Case, place: int, shipment: Shipment, at: int, charged: dict[int, int]) -> Document:
    story, shop = case.story, case.story.shop
    invoice = document(
        case.id(BILLED + place), "CustInvc", case.number("INV", place), shop, at + 20, "A", 0,
        entity=case.masters.customer(story), order_ref=str(story.order_id), remaining=0,
    )  # fmt: skip
    invoice.add(first=True, account=ACCOUNTS[shop, "receivable"], created_from=case.id(SALES))
    tax = 0
    for line_id, _, units in shipment.lines:
        line = story.line(line_id)
        before = charged.get(line_id, 0)
        whole = max(line.quantity, before + units)
        charged[line_id] = before + units
        tax += _charge(case, invoice, line, before, units, whole)
    if place == 0:
        for line in story.lines:
            if line.kind == "tip" and line.quantity:
                tax += _charge(case, invoice, line, 0, line.quantity, line.quantity)
        if story.shipping_title is not None:
            gross = story.shipping_net + story.shipping_discount
            invoice.add(item=SHIPPING, itemtype="ShipItem", quantity=-1, amount=-gross, posted=-gross,
                        account=ACCOUNTS[shop, "shipping"], line_tax=story.shipping_tax)  # fmt: skip
            if story.shipping_discount:
                _discount(case, invoice, story.shipping_discount, None)
            tax += story.shipping_tax
    invoice.add(item=TAX, itemtype="TaxItem", amount=-tax, posted=-tax, account=ACCOUNTS[shop, "tax"], tax=True)
    invoice.total = -sum(line.amount for line in invoice.lines)
    invoice.lines[0].amount = invoice.lines[0].posted = invoice.remaining = invoice.total
    _spoil(case, invoice)
    return invoice


def _charge(case: Case, invoice: Document, line: Line, before: int, units: int, whole: int) -> int:
    """Charge some units of a line; returns their tax."""
    shop = case.story.shop
    net, discount = _share(line.net, before, units, whole), _share(line.discount, before, units, whole)
    tax = _share(line.tax, before, units, whole)
    account = {"gift_card": "gift_cards", "tip": "tips"}.get(line.kind, "revenue")
    gift_card = case.masters.gift_card(line.line_id) if line.kind == "gift_card" else None
    if line.kind == "gift_card" and case.plant == "AMT-06":
        account = "revenue"
        case.tell("AMT-06", case.story.order_id, invoice.at, document=invoice.number)
    item = case.masters.item(line.sku) if line.sku else TIP
    invoice.add(
        item=item, itemtype=case.masters.itemtype(line.sku, line.kind), quantity=-units,
        rate=round((net + discount) / units / 100, 6), amount=-(net + discount), posted=-(net + discount),
        account=ACCOUNTS[shop, account], reference=str(line.line_id), line_tax=tax, memo=gift_card,
        location=case.masters.location(shop, line.place),
    )  # fmt: skip
    if discount:
        _discount(case, invoice, discount, str(line.line_id))
    return tax


def _discount(case: Case, invoice: Document, cents: int, reference: str | None) -> None:
    account = ACCOUNTS[case.story.shop, "discount"]
    invoice.add(item=DISCOUNT, itemtype="Discount", amount=cents, posted=cents, account=account, reference=reference)


def _spoil(case: Case, invoice: Document) -> None:
    if case.plant == "GL-02":
        unposted = case.draw("GL-02") < 0.5
        if unposted:
            invoice.posting = False
        else:
            invoice.lines[-1].posted -= 100
        case.tell("GL-02", invoice.number, invoice.at, unposted=unposted)
    elif case.plant == "GL-03":
        year, month = int(invoice.day[:4]), int(invoice.day[5:7])
        invoice.period = (year - 2020) * 12 + month + 2
        case.tell("GL-03", invoice.number, invoice.at)
