"""The sales ledger of an order: signed sales under dated agreements, and the current totals they add up to."""

from typing import Any

from sandbox.world.ids import Ids, ref
from sandbox.world.orders.plan import Doc, Item, Money, TaxPart
from sandbox.world.times import iso

LINES = 64
SALES = 256
TAXES = 512
AGREEMENTS = 32


def tax_line(money: Money, part: TaxPart) -> Doc:
    """A TaxLine."""
    title, ppm, cents = part
    return {
        "title": title,
        "rate": ppm / 1_000_000,
        "ratePercentage": ppm / 10_000,
        "priceSet": money[cents],
        "channelLiable": False,
    }


def line_ref(ids: Ids, number: int, item: Item) -> Doc:
    """The reference to a line, made once: an order names each of its lines half a dozen times."""
    if item.ref is None:
        item.ref = ref("LineItem", ids.gid("LineItem", number * LINES + item.ordinal))
    return item.ref


class Ledger:
    """Agreements with their sales. The current totals of the order are the sums of what was written here, in cents."""

    __slots__ = (
        "_ids",
        "_money",
        "_number",
        "_sale_count",
        "_sales",
        "_tax_count",
        "adjustments",
        "agreements",
        "discounts",
        "gift_cards",
        "goods",
        "included",
        "shipping",
        "tax",
        "tips",
    )  # fmt: skip

    def __init__(self, ids: Ids, money: Money, number: int, included: bool) -> None:
        """An empty ledger of the order with this number."""
        self.agreements: list[Doc] = []
        self.goods = self.gift_cards = self.shipping = self.tax = self.tips = self.adjustments = self.discounts = 0
        self.included = included
        self._ids = ids
        self._money = money
        self._number = number
        self._sales: list[Doc] = []
        self._sale_count = 0
        self._tax_count = 0

    @property
    def subtotal(self) -> int:
        """Lines that count as goods, with tax where prices contain it."""
        return self.goods + self.gift_cards

    @property
    def total(self) -> int:
        """All sales so far."""
        added = 0 if self.included else self.tax
        return self.goods + self.gift_cards + self.shipping + self.tips + self.adjustments + added

    def agree(self, typename: str, reason: str, moment: int, **more: Any) -> None:
        """Open an agreement; the sales that follow belong to it."""
        self._sales = []
        place = self._number * AGREEMENTS + len(self.agreements)
        self.agreements.append(
            {
                "__typename": typename,
                "id": self._ids.gid("SalesAgreement", place),
                "happenedAt": iso(moment),
                "reason": reason,
                "sales": self._sales,
                **more,
            }
        )

    def sell(self, item: Item) -> None:
        """Write the sale of a whole line."""
        self._line(item, "ORDER", 1, item.quantity, item.net, item.parts, item.discount_before, item.discount_after)

    def take_back(self, item: Item, units: int) -> tuple[int, int]:
        """Write the reversal of some units of a line; returns their net and their tax."""
        net, parts, before, after = item.take(units)
        self._line(item, "RETURN", -1, units, net, parts, before, after)
        return net, sum(part[2] for part in parts)

    def _line(
        self, item: Item, action: str, sign: int, units: int, net: int, parts: list[TaxPart], before: int, after: int
    ) -> None:
        tax = sum(part[2] for part in parts)
        if item.tip:
            self.tips += sign * net
            kind = ("TipSale", "TIP")
        elif item.gift_card:
            self.gift_cards += sign * net
            kind = ("GiftCardSale", "GIFT_CARD")
        else:
            self.goods += sign * net
            kind = ("ProductSale", "PRODUCT")
        self.tax += sign * tax
        self.discounts += sign * (after if self.included else before)
        total = net if self.included else net + tax
        sale = self._sale(*kind, action, sign * units, sign * total, sign, parts, tax, before, after)
        sale["lineItem"] = line_ref(self._ids, self._number, item)

    def ship(self, shipping: Item, line: Doc) -> None:
        """Write the charge for shipping."""
        self._shipping(shipping, line, "ORDER", 1, shipping.net, shipping.parts)

    def refund_shipping(self, shipping: Item, line: Doc) -> tuple[int, int]:
        """Write the reversal of the shipping charge; returns net and tax."""
        net, parts, _, _ = shipping.take(1)
        self._shipping(shipping, line, "RETURN", -1, net, parts)
        return net, sum(part[2] for part in parts)

    def _shipping(self, item: Item, line: Doc, action: str, sign: int, net: int, parts: list[TaxPart]) -> None:
        tax = sum(part[2] for part in parts)
        self.shipping += sign * net
        self.tax += sign * tax
        before, after = item.discount_before, item.discount_after
        self.discounts += sign * (after if self.included else before)
        total = net if self.included else net + tax
        sale = self._sale("ShippingLineSale", "SHIPPING", action, sign, sign * total, sign, parts, tax, before, after)
        sale["shippingLine"] = line

    def adjust(self, cents: int) -> None:
        """Write a difference between what reversals are worth and what was paid out."""
        self.adjustments += cents
        self._sale("AdjustmentSale", "ADJUSTMENT", "RETURN", None, cents, 1, [], 0, 0, 0)

    def _sale(
        self, typename: str, line_type: str, action: str, quantity: int | None, total: int, sign: int,
        parts: list[TaxPart], tax: int, before: int, after: int,
    ) -> Doc:  # fmt: skip
        money, ids = self._money, self._ids
        taxes = []
        for title, rate, cents in parts:
            part = (title, rate, sign * cents)
            taxes.append(
                {
                    "id": ids.gid("SaleTax", self._number * TAXES + self._tax_count),
                    "amount": money[part[2]],
                    "taxLine": tax_line(money, part),
                }
            )
            self._tax_count += 1
        sale = {
            "__typename": typename,
            "id": ids.gid("Sale", self._number * SALES + self._sale_count),
            "actionType": action,
            "lineType": line_type,
            "quantity": quantity,
            "totalAmount": money[total],
            "totalTaxAmount": money[sign * tax],
            "totalDiscountAmountBeforeTaxes": money[sign * before],
            "totalDiscountAmountAfterTaxes": money[sign * after],
            "taxes": taxes,
        }
        self._sale_count += 1
        self._sales.append(sale)
        return sale
