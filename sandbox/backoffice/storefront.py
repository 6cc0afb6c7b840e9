"""What goes wrong on the shop's own side: a payout that is not the sum of its parts, a shipment that was never paid.

The shop's documents are changed in the world itself, before anybody behind the shop reads them; a world that was put
back is broken again in the same places.
"""

from __future__ import annotations

from typing import Any

from sandbox.backoffice.planter import Planter
from sandbox.backoffice.records import Records
from sandbox.backoffice.story import Story
from sandbox.storage.codec import money
from sandbox.store import Store
from sandbox.world.parameters import SHOPS
from sandbox.world.payments.documents import cents_of, tender_gid

Doc = dict[str, Any]

UNPAID, UNTIED = "PAY-10", "PAY-03"


class Storefront:
    """The shops' side: keeps no records of its own, but breaks what the shops show."""

    def __init__(self, store: Store, records: Records, planter: Planter) -> None:
        """Prepare; `run` changes documents."""
        self._store, self._records, self._planter = store, records, planter

    def run(self) -> set[int]:
        """Break again what was chosen and is whole, orders and payouts; return the numbers of changed orders."""
        changed = set()
        for shop in SHOPS:
            for key in self._planter.planted("order", UNPAID):
                if self._uncapture(shop.domain, f"gid://shopify/Order/{key}"):
                    changed.add(int(key))
            for key in self._planter.planted("payout", UNTIED):
                payout = self._store.get(shop.domain, f"gid://shopify/ShopifyPaymentsPayout/{key}", packed=True)
                if payout is not None:
                    self.other_amount(shop.domain, payout)
        return changed

    def tell(self, story: Story) -> None:
        """Tell the truth about an order that was shipped unpaid."""
        source = f"shopify:order:{story.order_id}"
        self._planter.forget(source)
        if story.shipments:
            since = min(shipment.at for shipment in story.shipments)
            self._planter.tell(UNPAID, story.shop, story.order_id, since, source)

    def other_amount(self, domain: str, payout: Doc) -> None:
        """Have a payout paid less than its transactions come to; the document is changed, and the world's too."""
        net = cents_of(payout["net"])
        if net != _summed(payout["summary"]):
            return
        less = {"amount": money(net - max(100, net // 200)), "currencyCode": payout["net"]["currencyCode"]}
        payout.update(net=less, gross=less)
        self._store.put(domain, payout)

    def _uncapture(self, domain: str, gid: str) -> bool:
        """Take the captures of an order back, as if the money had only been reserved; False when there are none."""
        order = self._store.get(domain, gid, packed=True)
        captures = [t for t in order["transactions"] if t["kind"] == "CAPTURE"] if order else []
        if order is None or not captures:
            return False
        zero = f"¤{order['currencyCode']}0.0"
        order.update(
            transactions=[t for t in order["transactions"] if t["kind"] != "CAPTURE"],
            displayFinancialStatus="AUTHORIZED", fullyPaid=False, unpaid=True, capturable=True, canMarkAsPaid=True,
            refundable=False, totalReceivedSet=zero, netPaymentSet=zero,
            totalOutstandingSet=order["currentTotalPriceSet"], totalCapturableSet=order["currentTotalPriceSet"],
        )  # fmt: skip
        self._store.put(domain, order)
        for capture in captures:
            self._store.delete(domain, tender_gid(capture["id"]))
        return True


def gross_and_fees(summary: Doc) -> tuple[int, int]:
    """Return what a payout's summary says in cents: all amounts, and all fees."""
    gross = sum(cents_of(amount) for name, amount in summary.items() if name.endswith("Gross"))
    return gross, sum(cents_of(amount) for name, amount in summary.items() if name.endswith(("Fee", "Fees")))


def _summed(summary: Doc) -> int:
    gross, fees = gross_and_fees(summary)
    return gross - fees
