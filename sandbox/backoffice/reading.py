"""Reads the Order documents of a store into stories."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from sandbox.backoffice.lags import DAY, HOUR, lag
from sandbox.backoffice.story import (
    PARTNERS,
    STORE,
    WAREHOUSES,
    Comeback,
    Line,
    Payment,
    Refund,
    RefundLine,
    Return,
    Shipment,
    Story,
)
from sandbox.store import Store
from sandbox.world.parameters import SHOPS
from sandbox.world.times import epoch

Doc = dict[str, Any]

_CHANNEL = {"pos": "pos", "shopify_draft_order": "draft"}
_ADDRESS = ("name", "company", "address1", "city", "provinceCode", "zip", "countryCodeV2")
_second = lru_cache(maxsize=65_536)(epoch)


def cents(bag: str | Doc) -> int:
    """Return the shop's amount of a MoneyBag, packed or not."""
    amount = bag[4:].partition(";")[0] if isinstance(bag, str) else bag["shopMoney"]["amount"]
    return round(float(amount) * 100)


def number(gid: str) -> int:
    """Return the number inside a gid."""
    return int(gid.rpartition("/")[2].partition("?")[0])


class Reader:
    """Turns documents into stories; `seed` decides lags."""

    def __init__(self, store: Store, seed: int) -> None:
        """Learn which gid of a location is which place."""
        self._store = store
        self._seed = seed
        self._places = {
            doc["id"]: place
            for shop in SHOPS
            for place, doc in enumerate(sorted(store.scan(shop.domain, "Location"), key=lambda doc: number(doc["id"])))
        }
        self._shops = {shop.domain: shop for shop in SHOPS}

    def stories(self, domain: str, updated_from: str | None = None) -> Iterator[Story]:
        """Yield the orders of a shop by id, only those changed at or after an instant when one is given."""
        for doc in self._store.scan(domain, "Order", packed=True, updated_from=updated_from):
            yield self.read(domain, doc)

    def get(self, domain: str, order_id: int) -> Story | None:
        """Return the story of one order; None when the shop has deleted it."""
        doc = self._store.get(domain, f"gid://shopify/Order/{order_id}", packed=True)
        return self.read(domain, doc) if doc else None

    def read(self, domain: str, doc: Doc) -> Story:
        """Return the story of an Order document."""
        shop, seed, order_id = self._shops[domain], self._seed, number(doc["id"])
        created = _second(doc["createdAt"])
        entity, address = doc.get("purchasingEntity") or {}, doc.get("shippingAddress") or {}
        company = entity.get("company")
        story = Story(
            shop=shop.key,
            domain=domain,
            order_id=order_id,
            number=doc["number"],
            name=doc["name"],
            channel=_CHANNEL.get(doc["sourceName"], "web"),
            currency=doc["currencyCode"],
            presentment=doc["presentmentCurrencyCode"],
            created_at=created,
            updated_at=_second(doc["updatedAt"]),
            cancelled_at=_second(doc["cancelledAt"]) if doc["cancelledAt"] else None,
            edited_at=None,
            is_test=doc["test"],
            on_terms=False,
            customer_id=number(doc["customer"]["id"]) if doc["customer"] else None,
            company_id=number(company["id"]) if company else None,
            po_number=doc["poNumber"],
            email=doc["email"],
            address={name: address.get(name) for name in _ADDRESS},
            billing_name=(doc.get("billingAddress") or {}).get("name") or "",
            erp_at=created + lag(seed, 5, 20, "erp", order_id),
            ready_at=None,
            partner_at={},
        )
        self._lines(story, doc)
        self._payments(story, doc)
        self._works(story, doc)
        self._shipments(story, doc)
        self._refunds(story, doc)
        self._returns(story, doc)
        return story

    def _lines(self, story: Story, doc: Doc) -> None:
        lines: dict[str, Line] = {}
        for line in doc["lineItems"]:
            kind = "gift_card" if line["isGiftCard"] else "item" if line["sku"] else "tip"
            group = line["lineItemGroup"]
            lines[line["id"]] = Line(
                number(line["id"]), line["sku"], line["name"], kind, cents(line["originalUnitPriceSet"]),
                group=group["variantSku"] if group else None,
            )  # fmt: skip
        for agreement in doc["agreements"]:
            reason, at = agreement["reason"], _second(agreement["happenedAt"])
            if reason == "REFUND":
                continue
            if reason == "ORDER_EDIT":
                story.edited_at = at
            for sale in agreement["sales"]:
                self._sale(story, lines, sale, reason, at)
        story.lines = list(lines.values())
        story.shipping_title = (doc["shippingLine"] or {}).get("title")

    @staticmethod
    def _sale(story: Story, lines: dict[str, Line], sale: Doc, reason: str, at: int) -> None:
        tax = cents(sale["totalTaxAmount"])
        net = cents(sale["totalAmount"]) - tax
        discount = cents(sale["totalDiscountAmountBeforeTaxes"])
        if sale["lineType"] == "SHIPPING":
            story.shipping_net += net
            story.shipping_tax += tax
            story.shipping_discount += discount
            return
        # What comes back in an exchange is a return, not a change of what was ordered.
        if "lineItem" not in sale or (reason == "RETURN" and sale["actionType"] == "RETURN"):
            return
        line = lines[sale["lineItem"]["id"]]
        if not line.sold_at:
            line.sold_at = at
            line.source = {"ORDER": "order", "ORDER_EDIT": "edit"}.get(reason, "exchange")
        line.quantity += sale["quantity"]
        line.net += net
        line.tax += tax
        line.discount += discount
        if reason == "ORDER":
            line.first = (line.quantity, line.net, line.tax, line.discount)

    def _payments(self, story: Story, doc: Doc) -> None:
        for payment in doc["transactions"]:
            at, transaction_id = _second(payment["processedAt"]), number(payment["id"])
            story.payments.append(
                Payment(
                    transaction_id, payment["kind"], payment["status"], payment["gateway"], cents(payment["amountSet"]),
                    at, at + lag(self._seed, 5, 60, "payment", transaction_id),
                )
            )  # fmt: skip
        ready = [p.at for p in story.payments if p.kind in ("SALE", "AUTHORIZATION") and p.status != "FAILURE"]
        story.ready_at = min(ready, default=story.created_at if story.total == 0 else None)
        story.on_terms = any(p.status == "PENDING" for p in story.payments)

    def _works(self, story: Story, doc: Doc) -> None:
        lines = {line.line_id: line for line in story.lines}
        story.held = any(work["status"] == "ON_HOLD" for work in doc["fulfillmentOrders"])
        for work in doc["fulfillmentOrders"]:
            location = work["assignedLocation"].get("location")
            place = self._places.get(location["id"], 0) if location else 0
            goods = False
            for entry in work["lineItems"]:
                line = lines[number(entry["lineItem"]["id"])]
                line.place = place
                goods = goods or line.kind == "item"
            if not goods or place not in WAREHOUSES or story.is_test or story.ready_at is None:
                continue
            ready = max(story.ready_at, _second(work["createdAt"]))
            story.partner_at.setdefault(place, ready + lag(self._seed, 5, 20, "partner", story.order_id, place))

    def _shipments(self, story: Story, doc: Doc) -> None:
        seed = self._seed
        kinds = {line.line_id: line.kind for line in story.lines}
        skus = {line.line_id: line.sku for line in story.lines}
        for fulfillment in doc["fulfillments"]:
            fulfillment_id, at = number(fulfillment["id"]), _second(fulfillment["createdAt"])
            place = self._places.get(fulfillment["location"]["id"], 0) if fulfillment["location"] else 0
            tracking = (fulfillment["trackingInfo"] or [{}])[0]
            units = [
                (number(entry["lineItem"]["id"]), entry["quantity"]) for entry in fulfillment["fulfillmentLineItems"]
            ]
            goods = any(kinds[line_id] == "item" for line_id, _ in units)
            partner = PARTNERS[story.shop] if goods and place in WAREHOUSES and not story.is_test else None
            received = story.partner_at.get(place, at) if partner else at
            shipped = max(at - lag(seed, 5, 80, "shipped", fulfillment_id), received + 60) if partner else at
            shipped = min(shipped, at)
            delivered = fulfillment["deliveredAt"]
            story.shipments.append(
                Shipment(
                    fulfillment_id, len(story.shipments) + 1, place, partner, at,
                    max(shipped - lag(seed, 20, 90, "label", fulfillment_id), min(received + 30, shipped)), shipped,
                    at + lag(seed, 5, 80, "erp-shipment", fulfillment_id),
                    _second(delivered) if delivered else None, tracking.get("number"), tracking.get("company"),
                    [(line_id, skus[line_id] or "", count) for line_id, count in units],
                )
            )  # fmt: skip

    def _refunds(self, story: Story, doc: Doc) -> None:
        skus = {line.line_id: line.sku for line in story.lines}
        for refund in doc["refunds"]:
            refund_id, at = number(refund["id"]), _second(refund["createdAt"])
            lines = []
            for entry in refund["refundLineItems"]:
                line_id, location, tax = number(entry["lineItem"]["id"]), entry["location"], cents(entry["totalTaxSet"])
                net = cents(entry["subtotalSet"]) - (tax if doc["taxesIncluded"] else 0)
                place = self._places.get(location["id"]) if location else None
                lines.append(
                    RefundLine(
                        line_id, skus[line_id], entry["quantity"], entry["restockType"], entry["restocked"], place,
                        net, tax,
                    )
                )  # fmt: skip
            net = tax = 0
            for entry in refund["refundShippingLines"]:
                part = cents(entry["taxAmountSet"])
                tax += part
                net += cents(entry["subtotalAmountSet"]) - (part if doc["taxesIncluded"] else 0)
            back = refund["return"]
            story.refunds.append(
                Refund(
                    refund_id, at, at + lag(self._seed, 5, 80, "memo", refund_id), cents(refund["totalRefundedSet"]),
                    lines, net, tax, number(back["id"]) if back else None,
                    [number(entry["id"]) for entry in refund["transactions"]], refund["note"],
                )
            )  # fmt: skip

    def _returns(self, story: Story, doc: Doc) -> None:
        by_fulfilled = {
            entry["id"]: number(entry["lineItem"]["id"])
            for fulfillment in doc["fulfillments"]
            for entry in fulfillment["fulfillmentLineItems"]
        }
        skus = {line.line_id: line.sku or "" for line in story.lines}
        places = {line.line_id: line.place for line in story.lines}
        for back in doc["returns"]:
            lines = []
            for entry in back["returnLineItems"]:
                line_id = by_fulfilled[entry["fulfillmentLineItem"]["id"]]
                lines.append((line_id, skus[line_id], entry["quantity"]))
            closed = _second(back["closedAt"]) if back["closedAt"] else None
            told = Return(
                number(back["id"]), back["name"], back["status"], _second(back["createdAt"]), closed,
                bool(back["exchangeLineItems"]), lines,
            )  # fmt: skip
            story.returns.append(told)
            if told.is_exchange and closed:
                place = places[lines[0][0]]
                story.comebacks.append(
                    self._comeback(story, place, closed, told.created_at, lines, told.name, told.return_id, None)
                )
        names = {told.return_id: told for told in story.returns}
        for refund in story.refunds:
            units: dict[int, list[tuple[int, str, int]]] = {}
            for line in refund.lines:
                if line.restock == "RETURN" and line.restocked and line.place is not None:
                    units.setdefault(line.place, []).append((line.line_id, line.sku or "", line.units))
            announced = names.get(refund.return_id) if refund.return_id else None
            for place, lines in units.items():
                since = announced.created_at if announced else refund.at - DAY
                rma = announced.name if announced else None
                story.comebacks.append(
                    self._comeback(story, place, refund.at, since, lines, rma, refund.return_id, refund.refund_id)
                )

    def _comeback(
        self, story: Story, place: int, at: int, since: int, lines: list[tuple[int, str, int]], rma: str | None,
        return_id: int | None, refund_id: int | None,
    ) -> Comeback:  # fmt: skip
        seed, key = self._seed, refund_id or return_id
        handled = place != STORE
        received = max(at - lag(seed, 120, 1_440, "back", key), since + HOUR) if handled else at
        received = min(received, at)
        completed = received + int((at - received) * 0.7)
        partner = PARTNERS[story.shop] if place in WAREHOUSES and not story.is_test else None
        return Comeback(
            place, partner, received, completed, at, at + lag(seed, 5, 80, "receipt", key), lines, rma, return_id,
            refund_id,
        )  # fmt: skip
