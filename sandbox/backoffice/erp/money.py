"""What is paid: customer deposits and payments, their application to invoices, and money that goes back."""

from __future__ import annotations

from sandbox.backoffice.erp.case import APPLIED, PAID, SALES, UNKNOWN_PAYMENT, Case
from sandbox.backoffice.erp.chart import ACCOUNTS, gateway_account
from sandbox.backoffice.erp.documents import Document, document
from sandbox.backoffice.story import Payment


def write_payments(case: Case) -> None:
    """Write what moved and is booked by now: a deposit before the invoice, a payment on terms, a customer refund."""
    story = case.story
    for place, payment in enumerate(story.payments):
        if not payment.moved:
            continue
        if case.plant == "PAY-01" and payment.kind != "REFUND":
            case.tell("PAY-01", payment.transaction_id, payment.at, order_id=story.order_id)
            continue
        if not case.known(case.booked_at(payment)):
            if payment.kind != "REFUND" and story.erp_at <= case.now:
                case.tell("PAY-01", payment.transaction_id, payment.at, order_id=story.order_id)
            continue
        case.documents.append(_payment(case, PAID + place, payment))
        if case.plant == "PAY-02" and payment.kind != "REFUND":
            unknown = _payment(case, UNKNOWN_PAYMENT, payment)
            unknown.gateway_ref = str(payment.transaction_id + 17)
            unknown.number += "-X"
            case.documents.append(unknown)
            case.tell("PAY-02", unknown.id, unknown.at, document=unknown.number)


def _payment(case: Case, slot: int, payment: Payment) -> Document:
    story, back = case.story, payment.kind == "REFUND"
    kind = "CustRfnd" if back else "CustPymt" if story.on_terms else "CustDep"
    other = "receivable" if back or story.on_terms else "deposits"
    sign = -1 if back else 1
    made = document(
        case.id(slot), kind, case.number({"CustRfnd": "RFD", "CustPymt": "PMT", "CustDep": "DEP"}[kind], slot - PAID),
        story.shop, case.booked_at(payment), "C" if kind == "CustDep" else "B", sign * payment.amount,
        day_of=payment.at, entity=case.masters.customer(story), order_ref=str(story.order_id),
        gateway_ref=str(payment.transaction_id), memo=payment.gateway,
    )  # fmt: skip
    made.add(first=True, amount=sign * payment.amount, posted=sign * payment.amount,
             account=gateway_account(story.shop, payment.gateway), created_from=case.id(SALES))  # fmt: skip
    made.add(amount=-sign * payment.amount, posted=-sign * payment.amount, account=ACCOUNTS[story.shop, other])
    return made


def settle_invoices(case: Case) -> None:
    """Apply deposits and payments to invoices, the oldest first; what is covered counts as paid."""
    story = case.story
    deposits = [d for d in case.documents if d.type == "CustDep" and d.id != case.id(UNKNOWN_PAYMENT)]
    payments = [d for d in case.documents if d.type == "CustPymt"]
    held, paid = sum(d.total for d in deposits), sum(d.total for d in payments)
    for place, invoice in enumerate([d for d in case.documents if d.type == "CustInvc"]):
        if case.plant == "GL-07" and held:
            case.tell("GL-07", story.order_id, invoice.at, document=invoice.number)
            held = 0
        covered, on_terms = min(held, invoice.total), min(paid, invoice.total)
        if covered > 0:
            at = max(invoice.at, max(d.at for d in deposits)) + 30
            if not case.known(at):
                continue
            held -= covered
            applied = document(case.id(APPLIED + place), "DepAppl", case.number("DA", place), story.shop, at, "B",
                               covered, entity=invoice.entity, order_ref=str(story.order_id))  # fmt: skip
            applied.add(first=True, amount=covered, posted=-covered, account=ACCOUNTS[story.shop, "receivable"],
                        created_from=invoice.id)  # fmt: skip
            applied.add(amount=-covered, posted=covered, account=ACCOUNTS[story.shop, "deposits"])
            case.documents.append(applied)
            invoice.modified = at
        elif on_terms > 0:
            paid -= on_terms
            covered = on_terms
            invoice.modified = max(invoice.at, max(d.at for d in payments))
        invoice.remaining = invoice.total - covered
        invoice.status = "B" if invoice.remaining == 0 else "A"
