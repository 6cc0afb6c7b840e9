"""An order while its life is played back: what was paid, shipped, sent back and cancelled up to an instant."""

from typing import Any

from sandbox.world.ids import ref
from sandbox.world.orders.ledger import Ledger, line_ref, tax_line
from sandbox.world.orders.plan import Doc, Item, Plan
from sandbox.world.times import iso

CHILDREN = 16
WORKS = 8

# (variant, location, units made available, units committed)
Effect = tuple[int, int, int, int]


class Work:
    """A fulfilment order: lines to ship from one location. ``lines`` are [item, units, units left]."""

    __slots__ = ("created", "fulfillments", "lines", "location", "place", "status", "updated")

    def __init__(self, place: int, location: int, created: int) -> None:
        """Nothing in it yet."""
        self.place = place
        self.location = location
        self.created = created
        self.updated = created
        self.status = "OPEN"
        self.lines: list[list[Any]] = []
        self.fulfillments: list[Doc] = []


class OrderState:
    """Played from the plan by ``play``; ``document`` turns it into what the API answers."""

    __slots__ = (
        "adjusted", "authorized", "cancel_reason", "cancelled", "closed", "due", "edited", "effects", "event_marks",
        "fulfillment_lines", "fulfillments", "gid", "grown", "ids", "items", "ledger", "line_docs", "money", "number",
        "original_total", "pending", "plan", "received", "refund_lines", "refunded", "refunded_shipping", "refunds",
        "returns", "shipping_line", "suggested", "transactions", "until", "updated", "voided", "works",
    )  # fmt: skip

    def __init__(self, plan: Plan) -> None:
        """The order at checkout: its sales agreed, nothing paid, nothing shipped."""
        self.plan = plan
        self.ids = plan.ids
        self.money = plan.money
        self.number = plan.number
        self.gid = plan.ids.gid("Order", plan.number)
        self.items = list(plan.items)
        self.ledger = Ledger(plan.ids, plan.money, plan.number, plan.shop.taxes_included)
        self.transactions: list[Doc] = []
        self.refunds: list[Doc] = []
        self.returns: list[Doc] = []
        self.fulfillments: list[Doc] = []
        self.works: list[Work] = []
        self.effects: list[Effect] = []
        self.event_marks: list[tuple[int, str]] = []
        self.received = self.refunded = self.refunded_shipping = self.suggested = self.adjusted = 0
        self.authorized = self.pending = self.grown = 0
        self.fulfillment_lines = self.refund_lines = 0
        self.voided = self.edited = False
        self.cancelled: int | None = None
        self.cancel_reason: str | None = None
        self.closed: int | None = None
        self.due: int | None = None
        self.updated = self.until = plan.moment
        self.shipping_line = shipping_document(plan) if plan.shipping else None
        self._agree()

    def _agree(self) -> None:
        plan, ledger = self.plan, self.ledger
        ledger.agree("OrderAgreement", "ORDER", plan.moment, order=ref("Order", self.gid))
        for item in self.items:
            ledger.sell(item)
        if plan.shipping is not None and self.shipping_line is not None:
            ledger.ship(plan.shipping, self.shipping_line)
        self.original_total = ledger.total
        for location in plan.locations:
            self.works.append(Work(len(self.works), location, plan.moment))
        if self.works:
            for item in self.items:
                self.assign(item, self.works[item.work])

    def assign(self, item: Item, work: Work) -> None:
        """Give a line to a fulfilment order; its units are promised from now on."""
        if item.tip:
            return
        work.lines.append([item, item.quantity, item.quantity])
        self.move_stock(item, work.location, -item.quantity, item.quantity)

    def move_stock(self, item: Item, location: int, available: int, committed: int) -> None:
        """Note what the order does to a level; gift cards have none."""
        if item.variant is not None and not item.gift_card:
            self.effects.append((item.variant.place, location, available, committed))

    def transaction(self, moment: int, kind: str, cents: int, status: str = "SUCCESS", parent: str | None = None,
                    gateway: str | None = None, error: str | None = None) -> Doc:  # fmt: skip
        """Append a transaction and count the money if it moved."""
        at = iso(moment)
        gateway = gateway or self.plan.gateway
        doc = {
            "__typename": "OrderTransaction",
            "id": self.ids.gid("OrderTransaction", self.number * CHILDREN + len(self.transactions)),
            "kind": kind,
            "status": status,
            "test": self.plan.test,
            "gateway": gateway,
            "formattedGateway": gateway.replace("_", " ").title(),
            "manualPaymentGateway": gateway in ("Bank Deposit", "cash"),
            "errorCode": error,
            "createdAt": at,
            "processedAt": at,
            "order": ref("Order", self.gid),
            "parentTransaction": ref("OrderTransaction", parent) if parent else None,
            "amountSet": self.money[cents],
            "fees": [],
            "manuallyCapturable": False,
            "multiCapturable": False,
        }
        self.transactions.append(doc)
        if status == "SUCCESS":
            if kind in ("SALE", "CAPTURE"):
                self.received += cents
            elif kind == "REFUND":
                self.refunded += cents
        return doc

    def line(self, item: Item) -> Doc:
        """The reference to a line."""
        return line_ref(self.ids, self.number, item)

    @property
    def outstanding(self) -> int:
        """What the buyer still owes; negative when the shop owes it."""
        return self.ledger.total - self.received + self.refunded


def shipping_document(plan: Plan) -> Doc:
    """The ShippingLine of an order."""
    shipping = plan.shipping
    if shipping is None:
        raise ValueError(f"order {plan.name} ships nothing")
    money = plan.money
    discount = sum(cents for _, cents in shipping.allocations)
    return {
        "__typename": "ShippingLine",
        "id": plan.ids.gid("ShippingLine", plan.number),
        "title": plan.shipping_title,
        "code": plan.shipping_title,
        "source": "shopify",
        "custom": False,
        "isRemoved": False,
        "carrierIdentifier": None,
        "originalPriceSet": money[shipping.price],
        "discountedPriceSet": money[shipping.price - discount],
        "currentDiscountedPriceSet": money[shipping.price - discount],
        "discountAllocations": allocations(plan, shipping),
        "taxLines": [tax_line(money, part) for part in shipping.parts],
    }


def allocations(plan: Plan, item: Item) -> list[Doc]:
    """DiscountAllocations of a line."""
    return [
        {"allocatedAmountSet": plan.money[cents], "discountApplication": application}
        for application, cents in item.allocations
    ]


def play(plan: Plan, until: int) -> OrderState:
    """The order at an instant. ``due`` is when something happens to it next, None when nothing does."""
    state = OrderState(plan)
    state.until = until
    for moment, _, action, argument in plan.steps:
        if moment > until:
            state.due = moment
            break
        action(state, moment, argument)
        state.updated = moment
    return state
