"""SKUs that the shop sells as one thing, and that everybody downstream knows only by their parts.

Bundles of the shop itself (SKU `KIT-...`) arrive as lines of their components and need nothing of this. How an
operator spells a SKU is in `threepl_sites`.
"""

from __future__ import annotations

import re
from datetime import date

from sandbox.backoffice.threepl_sites import external_item

# Product -> (suffix of the part's SKU, units of it). Every variant of the product is a kit of its own parts.
KITS: dict[str, tuple[tuple[str, int], ...]] = {
    "BAC-014": (("BODY", 1), ("STRAP", 2)),
    "NOT-021": (("SHEET", 3), ("COVER", 1)),
}
# The second make of a kit, from a day on (the shop's day of the order): an order holds what was right when it was made.
KIT_CHANGE = date(2026, 3, 1)
KITS_LATER: dict[str, tuple[tuple[str, int], ...]] = {"NOT-021": (("SHEET", 4), ("COVER", 1))}

_PRODUCT = re.compile(r"^([A-Z]{3}-\d{3})-")


def product_of(sku: str) -> str:
    """Return the part of a SKU that names the product."""
    match = _PRODUCT.match(sku)
    return match[1] if match else sku


def is_kit(sku: str) -> bool:
    """Whether the shop sells this SKU as one line and downstream it is several things."""
    return product_of(sku) in KITS and sku.count("-") == 2


def components(sku: str, day: date) -> list[tuple[str, int]]:
    """Return (SKU, units) of what one of a SKU is when ordered on a day; the SKU itself when it is no kit."""
    if not is_kit(sku):
        return [(sku, 1)]
    product = product_of(sku)
    parts = KITS_LATER.get(product, KITS[product]) if day >= KIT_CHANGE else KITS[product]
    return [(f"{sku}-{suffix}", units) for suffix, units in parts]


def at_partner(partner: str, sku: str, units: int, day: date) -> list[tuple[str, int]]:
    """Return (the operator's SKU, its units) for units of ours ordered on a day: kits exploded, packs counted."""
    found = []
    for part, count in components(sku, day):
        name, factor = external_item(partner, part)
        found.append((name, round(units * count / factor)))
    return found
