"""Documents in the making: a transaction with its lines and its postings, as rows of NetSuite's tables.

Money comes in cents and is written in units. A line's `posted` is what it does to its account: debits positive.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.backoffice.erp.chart import CURRENCIES, SHOP_CURRENCY, SUBSIDIARY, company_day, period_of, rate

LINES = 64
_RECORD = {
    "SalesOrd": "salesorder", "CustDep": "customerdeposit", "CustPymt": "customerpayment",
    "ItemShip": "itemfulfillment", "CustInvc": "invoice", "DepAppl": "depositapplication", "CustCred": "creditmemo",
    "CustRfnd": "customerrefund", "RtnAuth": "returnauthorization", "ItemRcpt": "itemreceipt",
    "PurchOrd": "purchaseorder", "Journal": "journalentry", "Deposit": "deposit", "TrnfrOrd": "transferorder",
    "InvAdjst": "inventoryadjustment",
}  # fmt: skip
NON_POSTING = frozenset({"SalesOrd", "RtnAuth", "PurchOrd", "TrnfrOrd"})

Row = tuple[Any, ...]


@dataclass(slots=True)
class LineRow:
    """One line; quantities and amounts with NetSuite's signs. `first`: the line that all the others hang on."""

    item: int | None = None
    itemtype: str | None = None
    quantity: float | None = None
    rate: float | None = None
    amount: int = 0
    account: int | None = None
    posted: int = 0
    location: int | None = None
    first: bool = False
    tax: bool = False
    cogs: bool = False
    stock: bool = False
    component: bool = False
    member_of: int | None = None
    created_from: int | None = None
    closed: bool = False
    shipped: bool = False
    billed: float | None = None
    received: float | None = None
    memo: str | None = None
    reference: str | None = None
    line_tax: int | None = None
    restocked: float | None = None


@dataclass(slots=True)
class Document:
    """One transaction. `at` is when it was written, `modified` when it last changed, `day` its date."""

    id: int
    type: str
    number: str
    shop: str
    day: str
    at: int
    modified: int
    status: str
    total: int
    entity: int | None = None
    remaining: int | None = None
    currency: str | None = None
    period: int | None = None
    posting: bool = True
    memo: str | None = None
    other_ref: str | None = None
    location: int | None = None
    to_location: int | None = None
    ship_day: str | None = None
    shipped_at: int | None = None
    due_day: str | None = None
    received_at: int | None = None
    tracking: str | None = None
    manual: bool = False
    order_ref: str | None = None
    refund_ref: str | None = None
    return_ref: str | None = None
    gateway_ref: str | None = None
    lines: list[LineRow] = field(default_factory=list)

    def add(self, **values: Any) -> LineRow:
        """Append a line and return it."""
        line = LineRow(**values)
        self.lines.append(line)
        return line

    def row(self) -> Row:
        """Return the row of `transaction`."""
        currency = self.currency or SHOP_CURRENCY[self.shop]
        posting = self.posting and self.type not in NON_POSTING
        return (
            self.id, self.number, f"{self.id}", self.type, _RECORD[self.type], self.day, self.at, self.modified,
            self.due_day, None, self.status, self.entity, CURRENCIES[currency], rate(currency, self.day),
            self.total / 100, None if self.remaining is None else self.remaining / 100, _flag(posting),
            self.period or period_of(self.day), self.memo, 4, "F", "F", None, self.other_ref, self.location,
            self.to_location, self.ship_day, self.shipped_at, self.due_day, self.received_at, self.tracking,
            None if self.manual else "Web Services", _flag(self.manual), self.order_ref, self.refund_ref,
            self.return_ref, self.gateway_ref,
        )  # fmt: skip

    def line_rows(self) -> list[Row]:
        """Return the rows of `transactionline`."""
        subsidiary = SUBSIDIARY[self.shop]
        return [
            (
                self.id, place, self.id * LINES + place, place, line.item, line.itemtype, line.quantity, line.rate,
                line.amount / 100, line.amount / 100, line.location, subsidiary, _flag(line.first), _flag(line.tax),
                _flag(line.cogs), _flag(line.stock), _flag(line.component), line.member_of, line.created_from,
                _flag(line.closed), _flag(line.shipped), line.billed, line.received, line.memo, self.modified,
                line.reference, None if line.line_tax is None else line.line_tax / 100, line.restocked,
            )
            for place, line in enumerate(self.lines)
        ]  # fmt: skip

    def postings(self) -> list[Row]:
        """Return the rows of `transactionaccountingline`; none of a document that does not post."""
        if self.type in NON_POSTING:
            return []
        posting = _flag(self.posting)
        return [
            (
                self.id, place, line.account, 1, line.posted / 100, line.posted / 100 if line.posted > 0 else None,
                -line.posted / 100 if line.posted < 0 else None, line.posted / 100, posting, 1.0,
            )
            for place, line in enumerate(self.lines)
            if line.account is not None
        ]  # fmt: skip

    def links(self) -> list[Row]:
        """Return the rows of `nexttransactionlinelink`: one for each document that this one was made from."""
        sources = dict.fromkeys(line.created_from for line in self.lines if line.created_from is not None)
        return [(source, 0, self.id, 0, "OrdBill" if self.type == "CustInvc" else "ShipRcpt", self.modified)
                for source in sources]  # fmt: skip


def document(
    id: int, type: str, number: str, shop: str, at: int, status: str, total: int, *, day_of: int | None = None,
    **more: Any,
) -> Document:  # fmt: skip
    """Return an empty document written at an instant; its date is that of `day_of`, or of the instant itself."""
    day = company_day(day_of if day_of is not None else at)
    more.setdefault("modified", at)
    return Document(id, type, number, shop, day, at, status=status, total=total, **more)


def _flag(value: bool) -> str:
    return "T" if value else "F"
