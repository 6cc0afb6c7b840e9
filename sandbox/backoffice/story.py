"""The story of an order: one reading of its document, from which the ERP's and the warehouses' records follow.

Money is in cents of the shop's currency, `net` without tax, `tax` apart. Instants are epoch seconds. Ids are the
numbers inside gids. Only what the document shows is told: what has not happened in the shop has no record elsewhere,
so a record of a partner that is dated before its counterpart in the shop becomes visible with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

WAREHOUSES = (0, 1)
STORE = 2
PARTNERS = {"us": "shipbob", "eu": "nordlager"}


@dataclass(slots=True)
class Line:
    """A line as it was sold, edits included; `kind` is item, gift_card or tip.

    `quantity` are the units ordered after edits (returns do not lower it), `discount` is without tax, so that the
    price of all units without tax is `net + discount`. `source` is order, edit or exchange; `group` the SKU of the
    bundle that the line was sold in. `place` is where its fulfilment order is: 0, 1 warehouses, 2 store. `first` is
    (quantity, net, tax, discount) as ordered, before any edit.
    """

    line_id: int
    sku: str | None
    title: str
    kind: str
    unit_price: int
    quantity: int = 0
    net: int = 0
    tax: int = 0
    discount: int = 0
    group: str | None = None
    place: int = 0
    source: str = "order"
    sold_at: int = 0
    first: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(slots=True)
class Payment:
    """An order transaction: kind SALE, CAPTURE, AUTHORIZATION, VOID or REFUND; status SUCCESS, FAILURE, PENDING."""

    transaction_id: int
    kind: str
    status: str
    gateway: str
    amount: int
    at: int
    # When the ERP books it; only money that moved is booked.
    erp_at: int

    @property
    def moved(self) -> bool:
        """Whether money came or went."""
        return self.status == "SUCCESS" and self.kind in ("SALE", "CAPTURE", "REFUND")


@dataclass(slots=True)
class Shipment:
    """A fulfilment. `at` is the shop's instant, `shipped_at` the warehouse's, `erp_at` the ERP's.

    `partner` is the operator whose warehouse shipped; None for the store and for what is sent by mail as a code.
    """

    fulfillment_id: int
    number: int
    place: int
    partner: str | None
    at: int
    labeled_at: int
    shipped_at: int
    erp_at: int
    delivered_at: int | None
    tracking: str | None
    carrier: str | None
    lines: list[tuple[int, str, int]]


@dataclass(slots=True)
class RefundLine:
    """Units of a refund; `restock` is RETURN, CANCEL or NO_RESTOCK, `place` where they are for sale again."""

    line_id: int
    sku: str | None
    units: int
    restock: str
    restocked: bool
    place: int | None
    net: int
    tax: int


@dataclass(slots=True)
class Refund:
    """A refund; `paid` may differ from what its lines are worth. `erp_at`: when the ERP writes the credit memo."""

    refund_id: int
    at: int
    erp_at: int
    paid: int
    lines: list[RefundLine]
    shipping_net: int
    shipping_tax: int
    return_id: int | None
    transactions: list[int]
    note: str | None


@dataclass(slots=True)
class Comeback:
    """Goods that came back to a place: with the return that announced them, the refund that paid, or both.

    `received_at` is when the parcel was opened, `completed_at` when the goods were for sale again or set aside,
    `visible_at` when either record exists, `erp_at` when the ERP has its receipt.
    """

    place: int
    partner: str | None
    received_at: int
    completed_at: int
    visible_at: int
    erp_at: int
    lines: list[tuple[int, str, int]]
    rma: str | None
    return_id: int | None
    refund_id: int | None


@dataclass(slots=True)
class Return:
    """A return as the shop tells it: REQUESTED, OPEN, CLOSED or DECLINED."""

    return_id: int
    name: str
    status: str
    created_at: int
    closed_at: int | None
    is_exchange: bool
    lines: list[tuple[int, str, int]]


@dataclass(slots=True)
class Story:
    """An order and all that followed, as of the document.

    `ready_at` is when the warehouse may have it: paid, authorised, or sold on terms. `erp_at` and `partner_at` are
    when the ERP and the warehouses receive it (`partner_at` by place). A test order goes nowhere. `held`: the shop
    itself stopped part of it for now.
    """

    shop: str
    domain: str
    order_id: int
    number: int
    name: str
    channel: str
    currency: str
    presentment: str
    created_at: int
    updated_at: int
    cancelled_at: int | None
    edited_at: int | None
    is_test: bool
    on_terms: bool
    customer_id: int | None
    company_id: int | None
    po_number: str | None
    email: str | None
    address: dict[str, str | None]
    billing_name: str
    erp_at: int
    ready_at: int | None
    partner_at: dict[int, int]
    held: bool = False
    shipping_title: str | None = None
    shipping_net: int = 0
    shipping_tax: int = 0
    shipping_discount: int = 0
    lines: list[Line] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    comebacks: list[Comeback] = field(default_factory=list)

    @property
    def total(self) -> int:
        """What was ordered, edits and exchanges included, refunds left aside."""
        return sum(line.net + line.tax for line in self.lines) + self.shipping_net + self.shipping_tax

    @property
    def tax(self) -> int:
        """The tax in `total`."""
        return sum(line.tax for line in self.lines) + self.shipping_tax

    @property
    def goods(self) -> list[Line]:
        """Lines that a warehouse ships."""
        return [line for line in self.lines if line.kind == "item" and line.quantity > 0]

    @property
    def partner(self) -> str | None:
        """The operator that ships this order; None when no warehouse has a part in it."""
        return PARTNERS[self.shop] if self.partner_at else None

    def line(self, line_id: int) -> Line:
        """Return a line by its id."""
        return next(line for line in self.lines if line.line_id == line_id)
