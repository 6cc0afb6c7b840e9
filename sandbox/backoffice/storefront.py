"""What goes wrong on the shop's own side: a payout that is not the sum of its parts, a shipment that was never paid.

The shop's documents are changed in the world itself. Whoever reads orders after this part is told the changed story.
"""

from __future__ import annotations

from typing import Any

from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.reading import number
from sandbox.backoffice.story import Story
from sandbox.store import Store
from sandbox.world.context import contexts
from sandbox.world.parameters import SHOPS, Parameters
from sandbox.world.payments.book import Book
from sandbox.world.payments.documents import balance_gid, cents_of, tender_gid

Doc = dict[str, Any]

UNTIED, UNPAID = "PAY-03", "PAY-10"
# What moves a payout's balance by itself and not by an order; payouts with one of these are left to other plants.
_OWN = frozenset({"RESERVED_FUNDS", "RESERVED_FUNDS_REVERSAL", "TRANSFER_FAILURE", "ADJUSTMENT"})


class Storefront:
    """The shop as a part of the back office: keeps no records, but breaks its own."""

    def __init__(self, office: BackOffice) -> None:
        """Do again what was decided before: the world may have been put back since."""
        self._office, self._store = office, office.store
        parameters = Parameters.load(office.store)
        self._contexts = {c.shop.domain: c for c in contexts(parameters)} if parameters else {}
        for domain in self._contexts:
            for key in office.planter.planted("order", UNPAID):
                self._uncapture(domain, f"gid://shopify/Order/{key}")
            self._untie(domain, office.planter.planted("payout", UNTIED))

    def order(self, story: Story, plant: str | None, now: int) -> int | None:
        """Take the capture back from an order that was to be shipped unpaid, and from its story."""
        if plant != UNPAID:
            return None
        source = f"shopify:order:{story.order_id}"
        self._office.planter.forget(source)
        self._uncapture(story.domain, f"gid://shopify/Order/{story.order_id}")
        story.payments = [payment for payment in story.payments if payment.kind != "CAPTURE"]
        if story.shipments:
            since = min(shipment.at for shipment in story.shipments)
            self._office.planter.tell(UNPAID, story.shop, story.order_id, since, source)
        return None

    def finish(self, now: int) -> None:
        """Make payouts differ from their parts. The ERP books what was paid, and tells of the break."""
        for shop in SHOPS:
            if shop.domain in self._contexts:
                plain = plain_payouts(self._store, shop.domain)
                self._untie(shop.domain, self._office.planter.pick(UNTIED, plain, least=1))

    def _untie(self, domain: str, keys: set[str]) -> None:
        for key in keys:
            payout = self._store.get(domain, f"gid://shopify/ShopifyPaymentsPayout/{key}", packed=True)
            if payout is None or cents_of(payout["net"]) != _summed(payout["summary"]):
                continue
            net = cents_of(payout["net"])
            less = self._contexts[domain].money.plain(net - max(100, net // 200))
            self._store.put(domain, {**payout, "net": less, "gross": less})

    def _uncapture(self, domain: str, gid: str) -> None:
        order = self._store.get(domain, gid, packed=True)
        captures = [t for t in order["transactions"] if t["kind"] == "CAPTURE"] if order else []
        if order is None or not captures:
            return
        zero = self._contexts[domain].money[0]
        order.update(
            transactions=[t for t in order["transactions"] if t["kind"] != "CAPTURE"],
            displayFinancialStatus="AUTHORIZED", fullyPaid=False, unpaid=True, capturable=True, canMarkAsPaid=True,
            refundable=False, totalReceivedSet=zero, netPaymentSet=zero,
            totalOutstandingSet=order["currentTotalPriceSet"], totalCapturableSet=order["currentTotalPriceSet"],
        )  # fmt: skip
        self._store.put(domain, order)
        for capture in captures:
            self._store.delete(domain, tender_gid(capture["id"]))
            book = Book.opened(self._contexts[domain], self._store)
            if book is not None and self._store.get(domain, balance_gid(capture["id"]), packed=True):
                book.forget(balance_gid(capture["id"]))


def plain_payouts(store: Store, domain: str) -> list[str]:
    """Numbers of the payouts that reached the bank and hold nothing but charges, refunds and disputes."""
    special = {
        part["associatedPayout"]["id"]
        for part in store.scan(domain, "ShopifyPaymentsBalanceTransaction", packed=True)
        if part["type"] in _OWN
    }
    payouts = store.scan(domain, "ShopifyPaymentsPayout", packed=True)
    return [str(number(p["id"])) for p in payouts if p["status"] == "PAID" and p["id"] not in special]


def _summed(summary: Doc) -> int:
    gross = sum(cents_of(amount) for name, amount in summary.items() if name.endswith("Gross"))
    return gross - sum(cents_of(amount) for name, amount in summary.items() if name.endswith(("Fee", "Fees")))
