"""What the merchant sells: products with variants, kits and gift cards, and what each cost at any moment.

Both shops carry the same SKUs, each with ids and prices of its own. Products come and go: some are deleted, new ones
appear, prices are revised; all of it follows from the seed and the clock.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from sandbox.world.parameters import Parameters, ShopProfile
from sandbox.world.streams import PRICE, PRODUCT, uniform_row
from sandbox.world.times import DAY

_SIZES = ("XS", "S", "M", "L", "XL")
_COLORS = ("Black", "Sand", "Forest", "Navy")
_ADJECTIVES = (
    "Alpine", "Canvas", "Classic", "Coastal", "Everyday", "Field", "Harbor", "Heavy", "Linen", "Meadow", "Merino",
    "Nordic", "Organic", "Quiet", "Summit", "Trail",
)  # fmt: skip
# Noun, product type, variants' option values, lowest and highest price in cents, reduced tax.
_NOUNS = (
    ("Tee", "Shirts", _SIZES, 1900, 3900, False),
    ("Sweater", "Knitwear", _SIZES, 5900, 12900, False),
    ("Jacket", "Outerwear", _SIZES, 9900, 22900, False),
    ("Bottle", "Accessories", _COLORS, 1400, 3400, False),
    ("Coffee", "Food", ("250 g", "1 kg"), 900, 2900, True),
    ("Notebook", "Books", ("Plain", "Ruled"), 800, 1900, True),
    ("Backpack", "Bags", _COLORS, 4900, 14900, False),
    ("Socks", "Shirts", ("36-40", "41-45"), 900, 1600, False),
)
_VENDORS = ("Boomerang Goods", "Northway Mills", "Lumen & Co")
_REVISION = 150 * DAY
NEVER = 2**62

GOODS, KIT, GIFT_CARD = range(3)
_KITS = (("Weekend Kit", (6, 3, 4)), ("Barista Kit", (4, 3)), ("Winter Kit", (1, 2, 7)))
_GIFT_VALUES = (2500, 5000, 10000, 20000)


@dataclass(eq=False)
class Variant:
    """One thing to buy. ``place`` is its number in the catalog; ``components`` are (variant, quantity) of a kit."""

    place: int
    product: "Product"
    position: int
    sku: str
    title: str
    base_price: int
    weight: float
    components: tuple[tuple["Variant", int], ...] = ()
    prices: list[int] = field(default_factory=list)

    def price(self, moment: int) -> int:
        """Price in cents at an instant."""
        revision = min(max((moment - self.product.created) // _REVISION, 0), len(self.prices) - 1)
        return self.prices[revision]


@dataclass(eq=False)
class Product:
    """One product; ``created`` and ``deleted`` are instants, NEVER for one that stays."""

    place: int
    kind: int
    title: str
    product_type: str
    vendor: str
    created: int
    deleted: int
    reduced_tax: bool
    variants: list[Variant] = field(default_factory=list)

    def on_sale(self, moment: int) -> bool:
        """Whether it can be bought at an instant."""
        return self.created <= moment < self.deleted

    def changed(self, moment: int) -> int:
        """The last price revision up to an instant, or the creation."""
        revisions = min(max((moment - self.created) // _REVISION, 0), len(self.variants[0].prices) - 1)
        return self.created + revisions * _REVISION


class Catalog:
    """The catalog of one shop, all of it: what exists at an instant is asked of the products."""

    def __init__(self, parameters: Parameters, shop: ShopProfile, variants: int = 200) -> None:
        """Draw so many variants that exist when the history ends, those deleted before, those still to come."""
        self.shop = shop
        self.products: list[Product] = []
        self.variants: list[Variant] = []
        self._parameters = parameters
        self._draw_goods(variants - len(_KITS) - len(_GIFT_VALUES))
        self._draw_kits()
        self._draw_gift_cards()
        self._draw_arrivals()

    def _draw_goods(self, wanted: int) -> None:
        start, built = self._parameters.start, self._parameters.built
        alive = 0
        while alive < wanted:
            place = len(self.products)
            draws = uniform_row(self._parameters.seed, PRODUCT, place, 6)
            # Most were there before the history starts; every sixth comes during it; one in twenty leaves.
            before = place % 6 or place < 20
            created = start - int(draws[0] * 300 * DAY) - DAY if before else start + int(draws[0] * (built - start))
            leaves = place >= 20 and draws[1] < 0.07
            deleted = created + int((0.1 + 0.9 * draws[2]) * (built + 60 * DAY - created)) if leaves else NEVER
            room = wanted - alive if deleted > built else None
            product = self._goods(place, created, deleted, draws, room)
            if created <= built < deleted:
                alive += len(product.variants)

    def _goods(self, place: int, created: int, deleted: int, draws: list[float], room: int | None) -> Product:
        noun, product_type, options, low, high, reduced = _NOUNS[place % len(_NOUNS)]
        adjective = _ADJECTIVES[place // len(_NOUNS) % len(_ADJECTIVES)]
        again = place // (len(_NOUNS) * len(_ADJECTIVES))
        title = f"{adjective} {noun}" + (f" {again + 1}" if again else "")
        vendor = _VENDORS[int(draws[3] * len(_VENDORS))]
        product = self._product(GOODS, title, product_type, vendor, created, deleted, reduced)
        price = (low + int(draws[4] * (high - low))) // 100 * 100 + 90
        for position, option in enumerate(options[:room]):
            sku = f"{noun[:3].upper()}-{place:03d}-{option.replace(' ', '')[:3].upper()}"
            step = 0 if options is _SIZES or options is _COLORS else position * price
            self._variant(product, sku, option, price + step, 0.1 + draws[5])
        return product

    def _draw_kits(self) -> None:
        created = self._parameters.start - 30 * DAY
        for number, (title, parts) in enumerate(_KITS, start=1):
            components = tuple((self.products[part].variants[0], 1 + (part == 4)) for part in parts)
            # A kit costs a tenth less than its parts.
            price = sum(part.base_price * count for part, count in components) * 9 // 1000 * 100 + 90
            product = self._product(KIT, title, "Kits", _VENDORS[0], created, NEVER, False)
            self._variant(product, f"KIT-{number:03d}", "Default Title", price, 1.0, components)

    def _draw_gift_cards(self) -> None:
        created = self._parameters.start - 200 * DAY
        product = self._product(GIFT_CARD, "Gift Card", "Gift Cards", _VENDORS[0], created, NEVER, False)
        for value in _GIFT_VALUES:
            self._variant(product, f"GIFT-{value // 100}", f"{value // 100}", value, 0.0)

    def _draw_arrivals(self) -> None:
        """Products that appear after the history: one every other week, for three years."""
        for step in range(1, 79):
            place = len(self.products)
            draws = uniform_row(self._parameters.seed, PRODUCT, place, 6)
            created = self._parameters.built + step * 14 * DAY - int(draws[0] * 7 * DAY)
            deleted = created + int(draws[2] * 400 * DAY) + DAY if draws[1] < 0.1 else NEVER
            self._goods(place, created, deleted, draws, None)

    def _product(
        self, kind: int, title: str, product_type: str, vendor: str, created: int, deleted: int, reduced: bool
    ) -> Product:
        product = Product(len(self.products), kind, title, product_type, vendor, created, deleted, reduced)
        self.products.append(product)
        return product

    def _variant(
        self, product: Product, sku: str, title: str, price: int, weight: float,
        components: tuple[tuple[Variant, int], ...] = (),
    ) -> None:  # fmt: skip
        place = len(self.variants)
        variant = Variant(place, product, len(product.variants) + 1, sku, title, price, round(weight, 2), components)
        variant.prices = self._prices(product, price)
        product.variants.append(variant)
        self.variants.append(variant)

    def _prices(self, product: Product, price: int) -> list[int]:
        """The price of each period of five months; gift cards keep their value, euro prices are a bit lower."""
        if product.kind == GIFT_CARD:
            return [price]
        draws = uniform_row(self._parameters.seed, PRICE, product.place * 2 + self.shop.index, 16)
        prices = [price if self.shop.index == 0 else price * 95 // 10000 * 100 + 90]
        for draw in draws:
            prices.append(max(500, prices[-1] + round((draw - 0.42) * 0.12 * prices[-1] / 100) * 100))
        return prices

    @cached_property
    def _turns(self) -> list[int]:
        """Instants at which the range of goods changes."""
        return sorted({product.created for product in self.products} | {product.deleted for product in self.products})

    @cached_property
    def _ranges(self) -> dict[int, tuple[list[Variant], list[float]]]:
        """What can be bought between two turns, with cumulative popularity; filled as asked for."""
        return {}

    def _range(self, turn: int) -> tuple[list[Variant], list[float]]:
        moment = self._turns[turn - 1] if turn else self._turns[0]
        goods = [v for v in self.variants if v.product.kind != GIFT_CARD and v.product.on_sale(moment)]
        # Few things sell a lot, many a little.
        weights = [1.0 / (1 + v.place % 97) ** 0.6 for v in goods]
        total = sum(weights)
        return goods, list(accumulate(weight / total for weight in weights))

    def choose(self, draw: float, moment: int) -> Variant:
        """A variant on sale at the instant, the popular ones more often."""
        turn = bisect_right(self._turns, moment)
        if turn not in self._ranges:
            self._ranges[turn] = self._range(turn)
        goods, shares = self._ranges[turn]
        return goods[min(bisect_left(shares, draw), len(goods) - 1)]

    @cached_property
    def gift_cards(self) -> list[Variant]:
        """The denominations."""
        return [variant for variant in self.variants if variant.product.kind == GIFT_CARD]
