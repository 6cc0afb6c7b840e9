"""One order on the ERP's desk: what is known of it by now, the documents made of it, and when there will be more."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.backoffice.erp.documents import Document
from sandbox.backoffice.erp.masters import Masters
from sandbox.backoffice.lags import chance, lag
from sandbox.backoffice.planter import Planter
from sandbox.backoffice.story import Payment, Shipment, Story

# Ids of an order's documents: a block of numbers each, so that they are the same whenever the order is looked at.
BLOCK = 100
FIRST = 1_000_000
SALES, COPY, PHANTOM, PAID, UNKNOWN_PAYMENT, SENT, BILLED, APPLIED, CREDITED, ANNOUNCED, BACK = (
    0, 1, 2, 3, 20, 21, 36, 51, 66, 78, 88,
)  # fmt: skip
SHOPS = {"us": 0, "eu": 1}


@dataclass(slots=True)
class Case:
    """The order's story, its plant, and the ERP's documents so far."""

    story: Story
    plant: str | None
    now: int
    seed: int
    masters: Masters
    planter: Planter
    documents: list[Document] = field(default_factory=list)
    dues: list[int] = field(default_factory=list)

    @property
    def source(self) -> str:
        """Who tells the truth about this order."""
        return f"erp:{self.story.order_id}"

    def id(self, slot: int) -> int:
        """Return the id of a document of this order."""
        return FIRST + (self.story.number * 2 + SHOPS[self.story.shop]) * BLOCK + slot

    def number(self, prefix: str, place: int | None = None) -> str:
        """Return a document number that people can read."""
        text = f"{prefix}-{self.story.shop.upper()}-{self.story.number}"
        return text if place is None else f"{text}-{place + 1}"

    def known(self, at: int) -> bool:
        """Whether something that is written at an instant exists by now; a later one is waited for."""
        if at <= self.now:
            return True
        self.dues.append(at)
        return False

    def draw(self, purpose: str) -> float:
        """Return a number in [0, 1) for this order."""
        return chance(self.seed, "flavour", purpose, self.story.order_id)

    def tell(self, code: str, key: object, since: int, object_type: str | None = None, **details: object) -> None:
        """Tell the truth of a plant, or of what the ERP has yet to hear of."""
        self.planter.tell(code, self.story.shop, key, since, self.source, object_type=object_type, **details)

    def sent_at(self, shipment: Shipment) -> int:
        """Return when the ERP has a fulfilment: never before the order."""
        return max(shipment.erp_at, self.story.erp_at + 60)

    def booked_at(self, payment: Payment) -> int:
        """Return when the ERP has a payment: never before the order."""
        return max(payment.erp_at, self.story.erp_at + 60)

    def edited_at(self) -> int | None:
        """Return when the ERP hears of an edit."""
        at = self.story.edited_at
        return None if at is None else max(at + lag(self.seed, 5, 60, "edit", self.story.order_id), self.story.erp_at)

    def cancelled_at(self) -> int | None:
        """Return when the ERP hears that the order is called off."""
        at = self.story.cancelled_at
        return None if at is None else max(at + lag(self.seed, 5, 20, "off", self.story.order_id), self.story.erp_at)
