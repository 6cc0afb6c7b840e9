"""Which warehouse belongs to whom, where its clock hangs, and how its operator spells a SKU."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

SHIPBOB = "shipbob"
NORDLAGER = "nordlager"


@dataclass(frozen=True)
class Site:
    """A warehouse of the merchant, run by an operator. `place` is its number among the shop's locations."""

    shop: str
    place: int
    partner: str
    code: str
    name: str
    zone: str
    windows_zone: str
    city: str
    state: str
    country: str
    folder: str = ""


SITES = (
    Site("us", 0, SHIPBOB, "141", "Newark (NJ)", "America/New_York", "Eastern Standard Time", "Newark", "NJ", "USA"),
    Site("us", 1, SHIPBOB, "156", "Reno (NV)", "America/Los_Angeles", "Pacific Standard Time", "Sparks", "NV", "USA"),
    Site(
        "eu", 0, NORDLAGER, "LEJ", "Nordlager Leipzig", "Europe/Berlin", "W. Europe Standard Time", "Leipzig", "SN",
        "DEU", "leipzig",
    ),
    Site(
        "eu", 1, NORDLAGER, "HAM", "Nordlager Hamburg", "Europe/Berlin", "W. Europe Standard Time", "Hamburg", "HH",
        "DEU", "hamburg",
    ),
)  # fmt: skip
_BY_PLACE = {(site.shop, site.place): site for site in SITES}
_BY_CODE = {site.code: site for site in SITES}


def site_of(shop: str, place: int) -> Site:
    """Return the warehouse at a place of a shop."""
    return _BY_PLACE[shop, place]


def site_by_code(code: str) -> Site:
    """Return the warehouse of a code."""
    return _BY_CODE[code]


def external_item(partner: str, sku: str) -> tuple[str, float]:
    """Return how an operator spells a SKU, and how many of our units one of its units is.

    Nordlager's system knows no hyphens for some articles, and counts a few by the half: its 2 are 1 of ours.
    """
    if partner != NORDLAGER:
        return sku, 1.0
    draw = int.from_bytes(blake2b(sku.encode(), digest_size=4).digest(), "big")
    spelled = sku.replace("-", "") if draw % 9 == 0 else sku
    return spelled, 0.5 if draw % 31 == 1 else 1.0
