"""What comes back: credit memos for refunds, return authorisations, and receipts of goods."""

from __future__ import annotations

from sandbox.backoffice.erp.case import ANNOUNCED, BACK, CREDITED, SALES, Case
from sandbox.backoffice.erp.chart import ACCOUNTS
from sandbox.backoffice.erp.documents import Document, document
from sandbox.backoffice.erp.masters import ADJUSTMENT, SHIPPING, TAX
from sandbox.backoffice.story import Comeback, Refund


def write_credits(case: Case) -> None:
    """Write a credit memo for each refund that paid money back."""
    for place, refund in enumerate(case.story.refunds):
        if refund.paid <= 0:
            continue
        at = max(refund.erp_at, case.story.erp_at + 60)
        missing = case.plant == "RET-06" and case.draw("RET-06") < 0.6
        if missing or not case.known(at):
            case.tell("RET-06", refund.refund_id, refund.at, order_id=case.story.order_id)
            continue
        memo = _memo(case, CREDITED + place, refund, at)
        memo.number = case.number("CM", place)
        case.documents.append(memo)
        if case.plant == "RET-06":
            again = _memo(case, CREDITED + 8 + place % 4, refund, at + 240)
            again.number = memo.number + "-2"
            case.documents.append(again)
            case.tell("RET-06", refund.refund_id, refund.at, documents=[memo.number, again.number])


def _memo(case: Case, slot: int, refund: Refund, at: int) -> Document:
    story, masters = case.story, case.masters
    shop = story.shop
    memo = document(
        case.id(slot), "CustCred", "", shop, at, "B", 0, entity=masters.customer(story), order_ref=str(story.order_id),
        refund_ref=str(refund.refund_id), remaining=0,
    )  # fmt: skip
    memo.add(first=True, account=ACCOUNTS[shop, "receivable"], created_from=case.id(SALES))
    # What was never invoiced is given back out of the customer's deposit.
    invoiced = bool(story.shipments)
    goods = ACCOUNTS[shop, "returns" if invoiced else "deposits"]
    tax = 0
    for line in refund.lines:
        item = masters.item(line.sku) if line.sku else ADJUSTMENT
        kind = masters.itemtype(line.sku, story.line(line.line_id).kind)
        memo.add(item=item, itemtype=kind, quantity=line.units, rate=round(line.net / line.units / 100, 6),
                 amount=line.net, posted=line.net, account=goods, reference=str(line.line_id),
                 line_tax=line.tax)  # fmt: skip
        tax += line.tax
    if refund.shipping_net or refund.shipping_tax:
        account = ACCOUNTS[shop, "shipping"] if invoiced else goods
        memo.add(item=SHIPPING, itemtype="ShipItem", quantity=1, amount=refund.shipping_net, account=account,
                 posted=refund.shipping_net, line_tax=refund.shipping_tax)  # fmt: skip
        tax += refund.shipping_tax
    if tax:
        account = ACCOUNTS[shop, "tax"] if invoiced else goods
        memo.add(item=TAX, itemtype="TaxItem", amount=tax, posted=tax, account=account, tax=True)
    paid = refund.paid
    if case.plant == "PAY-09":
        delta = min(300, paid // 2)
        paid -= delta
        case.tell("PAY-09", refund.refund_id, refund.at, delta=delta / 100, order_id=story.order_id)
    difference = paid - sum(line.amount for line in memo.lines)
    if difference:
        memo.add(item=ADJUSTMENT, itemtype="OthCharge", quantity=1, amount=difference, posted=difference,
                 account=ACCOUNTS[shop, "adjustment"], memo=refund.note)  # fmt: skip
    memo.total = memo.lines[0].amount = memo.lines[0].posted = -paid
    return memo


def write_receipts(case: Case) -> None:
    """Write the return authorisation and the receipt of whatever came back."""
    for place, comeback in enumerate(case.story.comebacks):
        exchange = comeback.refund_id is None
        at = max(comeback.erp_at, case.story.erp_at + 60)
        if not case.known(at):
            if exchange:
                case.tell("RET-07", comeback.return_id, comeback.visible_at)
            continue
        linked = not (case.plant == "RET-07" and exchange)
        if not linked:
            case.tell("RET-07", comeback.return_id, comeback.visible_at)
        case.documents.extend(_receipt(case, place, comeback, at, linked))
        if exchange:
            case.documents.append(_exchanged(case, place, comeback, at))


def _exchanged(case: Case, place: int, comeback: Comeback, at: int) -> Document:
    """Credit what came back in an exchange: it pays for what went out instead, no money moves."""
    story, shop = case.story, case.story.shop
    memo = document(
        case.id(CREDITED + 6 + place % 2), "CustCred", case.number("CX", place), shop, at + 30, "B", 0, remaining=0,
        entity=case.masters.customer(story), order_ref=str(story.order_id), return_ref=str(comeback.return_id),
    )  # fmt: skip
    memo.add(first=True, account=ACCOUNTS[shop, "receivable"], created_from=case.id(SALES))
    tax = 0
    for line_id, sku, units in comeback.lines:
        line = story.line(line_id)
        net = line.net * units // line.quantity
        tax += line.tax * units // line.quantity
        memo.add(item=case.masters.item(sku), itemtype=case.masters.itemtype(sku, "item"), quantity=units, amount=net,
                 posted=net, account=ACCOUNTS[shop, "returns"], reference=str(line_id))  # fmt: skip
    memo.add(item=TAX, itemtype="TaxItem", amount=tax, posted=tax, account=ACCOUNTS[shop, "tax"], tax=True)
    memo.total = memo.lines[0].amount = memo.lines[0].posted = -sum(line.amount for line in memo.lines)
    left = -memo.total
    for invoice in case.documents:
        if invoice.type == "CustInvc" and invoice.remaining and left > 0:
            covered = min(left, invoice.remaining)
            left -= covered
            invoice.remaining -= covered
            invoice.modified = max(invoice.modified, memo.at)
            invoice.status = "B" if invoice.remaining == 0 else "A"
    return memo


def _receipt(case: Case, place: int, comeback: Comeback, at: int, linked: bool) -> list[Document]:
    story, masters = case.story, case.masters
    shop, location = story.shop, masters.location(story.shop, comeback.place)
    entity = masters.customer(story)
    announced = document(
        case.id(ANNOUNCED + place), "RtnAuth", case.number("RA", place), shop, at - 60, "H", 0, entity=entity,
        order_ref=str(story.order_id), location=location, modified=at,
    )  # fmt: skip
    announced.add(first=True, created_from=case.id(SALES))
    receipt = document(
        case.id(BACK + place), "ItemRcpt", case.number("IR", place), shop, at, "Y", 0, day_of=comeback.received_at,
        entity=entity, order_ref=str(story.order_id), location=location,
    )  # fmt: skip
    receipt.add(first=True, created_from=announced.id)
    if linked and comeback.return_id is not None:
        announced.return_ref = receipt.return_ref = str(comeback.return_id)
        announced.other_ref = comeback.rma
    kept = case.plant != "RET-03"
    if not kept:
        case.tell("RET-03", comeback.return_id or comeback.rma, at)
    for line_id, sku, units in comeback.lines:
        announced.add(item=masters.item(sku), itemtype="InvtPart", quantity=units, location=location,
                      reference=str(line_id), received=units)  # fmt: skip
        receipt.add(item=masters.item(sku), itemtype=masters.itemtype(sku, "item"), quantity=units, location=location,
                    reference=str(line_id), restocked=units if kept else 0, created_from=announced.id)  # fmt: skip
        for part, count in masters.parts(sku, story.created_at, shop):
            cost = masters.cost(part) * units * count
            if cost:
                receipt.add(item=masters.item(part), amount=cost, account=ACCOUNTS[shop, "inventory"], posted=cost,
                            cogs=True, location=location)  # fmt: skip
                receipt.add(item=masters.item(part), amount=-cost, account=ACCOUNTS[shop, "cogs"], posted=-cost,
                            cogs=True, location=location)  # fmt: skip
    return [announced, receipt]
