"""The registry of what can be planted: a code of the break taxonomy, on whose side, on what, how often.

`subject` is what the planter chooses among. Of stories (subject "order") each carries at most one plant; `fits` says
which stories can. Other subjects have candidates of their own (`Planter.pick`). `minutes` is how long the
disagreement may last before it counts: inside of it the truth says "pending". `object_type` is how the truth names
the object. The side that applies a plant tells the truth about it (`Planter.tell`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.backoffice.goods import is_kit
from sandbox.backoffice.story import Refund, Story

HOURS = 60
DAYS = 1_440


@dataclass(frozen=True)
class Plant:
    """One kind of break."""

    code: str
    side: str
    object_type: str
    rate: float
    minutes: int
    what: str
    fits: Callable[[Story], bool] | None = None
    subject: str = "order"
    # Whether weekends stop the clock: what is over by the clock only is explained, not open.
    working: bool = False
    # Whether goods leave that the shop still counts: only what lies there can.
    takes: bool = False


def _wanted(story: Story) -> bool:
    return story.cancelled_at is None


def _plain(story: Story) -> bool:
    """Nothing came back, nothing was changed or called off."""
    return not (story.refunds or story.returns or story.edited_at or story.cancelled_at)


def _shipped(story: Story) -> bool:
    """One parcel left a partner's warehouse and that was all."""
    return _plain(story) and len(story.shipments) == 1 and story.shipments[0].partner is not None


def _waiting(story: Story) -> bool:
    return _plain(story) and story.partner is not None and not story.shipments


def _awaited(story: Story) -> bool:
    """The operator tells of orders before they ship: the other one sends files of what is done, and no more."""
    return _waiting(story) and story.partner == "shipbob"


def _slow(story: Story) -> bool:
    """Lay so long that it could have left on an earlier day, at an operator who tells when it was labelled."""
    if not _shipped(story) or story.partner != "shipbob":
        return False
    shipment = story.shipments[0]
    return shipment.shipped_at - story.partner_at.get(shipment.place, shipment.shipped_at) >= 36 * HOURS * 60


def _captured(story: Story) -> bool:
    return _plain(story) and sum(p.moved for p in story.payments) == 1 and not story.on_terms


def _returned(story: Story) -> bool:
    """One refund for goods that came back to a partner's warehouse, announced or not."""
    backs = story.comebacks
    return len(story.refunds) == 1 and len(backs) == 1 and bool(backs[0].partner) and bool(backs[0].refund_id)


def _paid_back(story: Story) -> bool:
    return len(story.refunds) == 1 and story.refunds[0].paid > 0 and not story.cancelled_at


def _captured_elsewhere(story: Story) -> bool:
    """Delivered and captured by a gateway whose books the shop does not keep, so that only the order tells of it."""
    captured = any(p.kind == "CAPTURE" and p.gateway != "shopify_payments" for p in story.payments)
    delivered = bool(story.shipments) and all(s.delivered_at for s in story.shipments)
    return captured and delivered and not (story.refunds or story.returns or story.cancelled_at)


def _taxed(story: Story) -> bool:
    return _plain(story) and story.tax > 0


def _promised(refund: Refund) -> bool:
    return any(line.restock == "RETURN" for line in refund.lines)


def _has_gift_card(story: Story) -> bool:
    return _plain(story) and bool(story.shipments) and any(line.kind == "gift_card" for line in story.lines)


def _has_kit(story: Story) -> bool:
    return _shipped(story) and any(line.sku and is_kit(line.sku) and line.quantity > 0 for line in story.goods)


def _business(story: Story) -> bool:
    plain = any(line.group is None and line.source == "order" for line in story.goods)
    return _plain(story) and story.company_id is not None and plain


_ALL = (
    Plant("ORD-01", "erp", "order", 0.002, 60, "never imported, or deleted after the import", _wanted),
    Plant("ORD-02", "erp", "order", 0.001, DAYS, "a sales order whose reference no shop knows", _plain),
    Plant("ORD-03", "erp", "order", 0.001, 0, "imported twice", _plain),
    Plant("ORD-04", "threepl", "order", 0.05, 60, "paid, and not at the warehouse",
          lambda s: _awaited(s) and not s.held),
    Plant("ORD-05", "erp", "order", 0.05, 30, "cancelled in the shop, open in the ERP",
          lambda s: s.cancelled_at is not None and not s.shipments),
    Plant("ORD-06", "threepl", "order", 0.05, 0, "cancelled in the shop, shipped all the same",
          lambda s: s.cancelled_at is not None and not s.shipments and s.partner is not None, takes=True),
    Plant("ORD-07", "erp", "order", 0.05, 90, "edited in the shop, the ERP keeps the old lines",
          lambda s: s.edited_at is not None and not s.cancelled_at and not s.refunds),
    Plant("ORD-08", "erp", "order", 0.001, 0, "booked on another customer",
          lambda s: _plain(s) and s.customer_id is not None and s.company_id is None),
    Plant("ORD-09", "threepl", "order", 0.05, DAYS, "on hold at the warehouse for longer than agreed", _awaited,
          working=True),
    Plant("FUL-01", "threepl", "shipment", 0.05, 3 * HOURS, "shipped, the shop was never told", _waiting,
          takes=True),
    Plant("FUL-02", "threepl", "shipment", 0.001, DAYS, "fulfilled in the shop, never shipped", _shipped),
    Plant("FUL-03", "erp", "shipment", 0.003, 3 * HOURS, "shipped, no fulfilment in the ERP", _shipped),
    Plant("FUL-04", "threepl", "shipment", 0.003, 0, "shipped fewer or more than ordered", _shipped),
    Plant("FUL-05", "threepl", "shipment", 0.003, 0, "shipped another SKU", _shipped),
    Plant("FUL-06", "threepl", "shipment", 0.002, 0, "shipped from the other warehouse", _shipped),
    Plant("FUL-07", "threepl", "shipment", 0.001, 0, "shipped twice", _shipped, takes=True),
    Plant("FUL-08", "threepl", "shipment", 0.05, 2 * DAYS, "label made, never handed over", _awaited),
    Plant("FUL-09", "threepl", "shipment", 0.005, 0, "labelled before the cut-off, shipped on a later day", _slow),
    Plant("FUL-10", "threepl", "shipment", 0.02, 0, "a kit without one of its parts", _has_kit),
    Plant("RET-01", "threepl", "refund", 0.05, 30 * DAYS, "refunded, the goods never came back",
          lambda s: _returned(s) and _promised(s.refunds[0])),
    Plant("RET-02", "threepl", "return", 0.2, 5 * DAYS, "came back, never refunded",
          lambda s: not s.refunds and any(r.status == "OPEN" and not r.is_exchange for r in s.returns)),
    Plant("RET-03", "erp", "return", 0.1, 5 * DAYS, "to be restocked, and not restocked",
          lambda s: _returned(s) and s.comebacks[0].rma is not None),
    Plant("RET-04", "threepl", "return", 0.05, 0, "thrown away, yet for sale again in the shop",
          lambda s: _returned(s) and s.comebacks[0].rma is not None),
    Plant("RET-05", "threepl", "return", 0.05, 0, "other units came back than were refunded",
          lambda s: _returned(s) and s.comebacks[0].rma is not None),
    Plant("RET-06", "erp", "refund", 0.02, 3 * HOURS, "refunded, no credit memo or two of them", _paid_back),
    Plant("RET-07", "erp", "return", 0.1, 3 * HOURS, "an exchange whose receipt in the ERP names no return",
          lambda s: any(r.is_exchange and r.closed_at for r in s.returns) and not s.refunds),
    Plant("AMT-01", "erp", "order", 0.002, 0, "total off by more than rounding", _plain),
    Plant("AMT-02", "erp", "order", 0.003, 0, "tax off", _taxed),
    Plant("AMT-03", "erp", "order", 0.1, 0, "charged another price than the contract's", _business),
    Plant("AMT-04", "erp", "order", 0.002, 0, "shipping booked as something else",
          lambda s: _plain(s) and s.shipping_net > 0),
    Plant("AMT-05", "erp", "order", 0.01, 0, "booked in the buyer's currency",
          lambda s: _plain(s) and s.presentment != s.currency),
    Plant("AMT-06", "erp", "order", 0.02, 0, "a sold gift card booked as revenue", _has_gift_card),
    Plant("AMT-07", "erp", "order", 0.002, 0, "shipped, not invoiced", _shipped),
    Plant("AMT-08", "erp", "order", 0.002, 0, "shipped without cost of goods", _shipped),
    Plant("PAY-01", "erp", "payment", 0.002, 3 * HOURS, "captured, not in the ERP", _captured),
    Plant("PAY-02", "erp", "payment", 0.001, 0, "a payment in the ERP that the gateway does not know", _captured),
    Plant("PAY-09", "erp", "refund", 0.02, 0, "the credit memo differs from what was paid back", _paid_back),
    Plant("PAY-10", "shopify", "order", 0.3, 0, "shipped, and never captured", _captured_elsewhere),
    Plant("GL-02", "erp", "gl_document", 0.001, 0, "an invoice that does not balance, or was not posted", _shipped),
    Plant("GL-03", "erp", "gl_document", 0.001, 0, "an invoice posted into another period than its date's", _shipped),
    Plant("GL-07", "erp", "order", 0.002, 3 * HOURS, "shipped and invoiced, the deposit was never applied",
          lambda s: _shipped(s) and _captured(s)),
    Plant("GL-01", "erp", "gl_document", 0.0, 7 * DAYS, "an entry on a clearing account that belongs to nothing",
          subject="clearing_journal"),
    Plant("GL-04", "erp", "gl_document", 0.005, 0, "a payout's deposit posted twice", subject="payout"),
    Plant("GL-05", "erp", "gl_document", 0.0, 0, "a manual entry on a system account", subject="manual_journal"),
    Plant("GL-06", "erp", "gift_card", 0.05, DAYS, "a card was spent, its liability stands", subject="gift_card"),
    Plant("PAY-03", "shopify", "payout", 0.005, 0, "paid another amount than its transactions add up to",
          subject="payout"),
    Plant("PAY-04", "erp", "payout", 0.01, 3 * DAYS, "paid, neither in the bank nor in the ledger", subject="payout",
          working=True),
    Plant("PAY-05", "erp", "payout", 0.5, 0, "failed, and booked all the same", subject="failed_payout"),
    Plant("PAY-06", "erp", "payout", 0.01, 0, "booked without its fee", subject="payout"),
    Plant("PAY-07", "erp", "dispute", 0.2, 3 * DAYS, "a chargeback that was not booked", subject="dispute",
          working=True),
    Plant("PAY-08", "erp", "payout", 0.2, 3 * DAYS, "a reserve or adjustment that was not booked",
          subject="adjusted_payout", working=True),
    Plant("INV-01", "threepl", "sku_location", 0.01, 0, "the warehouse counts other units", subject="sku_location"),
    Plant("INV-02", "threepl", "sku_location", 0.01, 0, "more for sale than the warehouse can ship",
          subject="sku_location"),
    Plant("INV-03", "threepl", "sku_location", 0.01, 2 * HOURS, "at the warehouse, not in the shop",
          subject="empty_sku_location"),
    Plant("INV-04", "threepl", "sku_location", 0.01, 0, "movements do not add up", subject="sku_location"),
    Plant("INV-05", "threepl", "receipt", 0.05, 0, "received fewer than were sent, and closed", subject="receipt"),
    Plant("INV-06", "erp", "receipt", 0.05, DAYS, "received at the warehouse, not in the ERP", subject="receipt"),
    Plant("INV-07", "erp", "sku_location", 0.005, 0, "less than nothing on hand", subject="sku_location"),
    Plant("INV-08", "erp", "transfer", 0.2, 0, "a transfer that never arrived", subject="transfer"),
    Plant("INV-09", "erp", "location", 0.2, 0, "the ledger's inventory is not quantity times cost",
          subject="location"),
    Plant("INV-10", "threepl", "sku_location", 0.01, DAYS, "an adjustment that the ERP does not know",
          subject="sku_location"),
    Plant("REF-01", "erp", "item", 0.01, 60, "the ERP does not know the SKU", subject="item"),
    Plant("REF-02", "erp", "item", 0.01, 0, "a barcode that another item has", subject="item"),
    Plant("REF-03", "erp", "item", 0.34, 0, "a kit with other components", subject="bundle"),
    Plant("REF-04", "erp", "item", 0.2, 0, "two unit factors at a time", subject="packed_item"),
    Plant("REF-05", "erp", "location", 0.0, 0, "a location in use that belongs to no place", subject="spare_location"),
    Plant("REF-06", "erp", "customer", 0.002, 0, "the same customer twice", subject="customer"),
    Plant("REF-07", "erp", "item", 0.01, 0, "a price list with a hole", subject="item"),
    Plant("REF-08", "erp", "item", 0.01, 0, "an item without cost", subject="item"),
)  # fmt: skip

PLANTS: dict[str, Plant] = {plant.code: plant for plant in _ALL}
DEFAULT_RATES: dict[str, float] = {plant.code: plant.rate for plant in _ALL}
