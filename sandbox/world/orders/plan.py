"""An order as it is decided once and for all: lines with money in cents, shipping, discounts, and what will happen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.storage.codec import money
from sandbox.world.catalog import Variant
from sandbox.world.ids import Ids
from sandbox.world.parameters import ShopProfile
from sandbox.world.regions import Region

if TYPE_CHECKING:
    from sandbox.world.orders.state import OrderState

Doc = dict[str, Any]
Step = tuple[int, int, "Callable[[OrderState, int, Any], None]", Any]
TaxPart = tuple[str, int, int]

_KEPT_STRINGS = 200_000


class Money(dict[int, str]):
    """Packed MoneyBags by cents; amounts repeat, so each is printed once."""

    def __init__(self, currency: str, presentment: str | None = None, rate: float = 1.0) -> None:
        """Amounts in ``currency``; the buyer saw them times ``rate`` in ``presentment``."""
        super().__init__()
        self.currency = currency
        self.presentment = presentment or currency
        self._rate = rate

    def __missing__(self, cents: int) -> str:
        """Print an amount."""
        packed = f"¤{self.currency}{money(cents)}"
        if self.presentment != self.currency:
            packed += f";{self.presentment}{money(round(cents * self._rate))}"
        if len(self) < _KEPT_STRINGS:
            self[cents] = packed
        return packed

    def plain(self, cents: int) -> Doc:
        """A MoneyV2 in the shop's currency."""
        return {"amount": money(cents), "currencyCode": self.currency}


class Item:
    """One line. ``net`` is what the buyer pays for it without added tax; with included tax it contains the tax.

    ``discount_before`` and ``discount_after`` are the discount without and with the tax on it. ``gone`` counts the
    units taken back so far: each reversal takes its units' share, and the shares add up to the whole to the cent.
    """

    __slots__ = (
        "added", "allocations", "discount_after", "discount_before", "gift_card", "gone", "group", "level_discount",
        "net", "ordinal", "parts", "price", "quantity", "ref", "removed", "shipped", "tax", "tip", "variant", "work",
    )  # fmt: skip

    def __init__(self, ordinal: int, variant: Variant | None, quantity: int, price: int) -> None:
        """A line of ``quantity`` units at ``price`` cents each."""
        self.ordinal = ordinal
        self.variant = variant
        self.quantity = quantity
        self.price = price
        self.allocations: list[tuple[Doc, int]] = []
        self.level_discount = 0
        self.net = price * quantity
        self.parts: list[TaxPart] = []
        self.tax = 0
        self.discount_before = 0
        self.discount_after = 0
        self.gift_card = False
        self.tip = variant is None
        self.group: Doc | None = None
        self.added = False
        self.gone = 0
        self.removed = 0
        self.shipped = 0
        self.work = 0
        self.ref: Doc | None = None

    def settle(self, taxes: tuple[tuple[str, int], ...], included: bool) -> None:
        """Work out net, taxes (title, parts per million) and the two views of the discount."""
        discount = sum(cents for _, cents in self.allocations)
        net = self.net = self.price * self.quantity - discount
        if included:
            ppm = taxes[0][1] if taxes else 0
            self.parts = [(title, rate, _included(net, rate)) for title, rate in taxes]
            self.discount_after = discount
            self.discount_before = discount - _included(discount, ppm)
        else:
            self.parts = [(title, rate, (net * rate + 500_000) // 1_000_000) for title, rate in taxes]
            self.discount_before = discount
            self.discount_after = discount + sum((discount * rate + 500_000) // 1_000_000 for _, rate in taxes)
        self.tax = sum(part[2] for part in self.parts)

    def take(self, units: int) -> tuple[int, list[TaxPart], int, int]:
        """Take back units: their net, tax parts, discount before and after tax; ``gone`` moves on."""
        start, end, all_units = self.gone, self.gone + units, self.quantity
        self.gone = end
        return (
            self.net * end // all_units - self.net * start // all_units,
            [(title, rate, tax * end // all_units - tax * start // all_units) for title, rate, tax in self.parts],
            self.discount_before * end // all_units - self.discount_before * start // all_units,
            self.discount_after * end // all_units - self.discount_after * start // all_units,
        )


def _included(amount: int, ppm: int) -> int:
    """The tax inside an amount, rounded half up."""
    return (2 * amount * ppm + 1_000_000 + ppm) // (2 * (1_000_000 + ppm)) if amount else 0


@dataclass(slots=True)
class Plan:
    """Everything about an order that does not depend on when one looks at it."""

    shop: ShopProfile
    ids: Ids
    money: Money
    number: int
    moment: int
    customer: int
    region: Region
    channel: str
    assigned: list[Doc]
    items: list[Item] = field(default_factory=list)
    applications: list[Doc] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    shipping: Item | None = None
    shipping_title: str = ""
    test: bool = False
    tax_exempt: bool = False
    note: str | None = None
    po_number: str | None = None
    company: int | None = None
    tags: list[str] = field(default_factory=list)
    gateway: str = "shopify_payments"
    location: int = 0
    locations: list[int] = field(default_factory=list)
    deleted: int | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The number that people use."""
        return f"{self.shop.prefix}{self.number + 1001}"

    @property
    def taxes_added(self) -> bool:
        """Whether tax comes on top of prices."""
        return not self.shop.taxes_included
