"""Where goods lie and are sold: two warehouses, a store and a closed depot for each shop."""

from typing import Any

from sandbox.world.ids import Ids, ref
from sandbox.world.parameters import ShopProfile
from sandbox.world.times import DAY, iso

Doc = dict[str, Any]

WAREHOUSES = (0, 1)
STORE = 2
CLOSED = 3

# Name, first address line, city, province, province code, zip.
_PLACES: tuple[tuple[tuple[str, str, str, str, str, str], ...], ...] = (
    (
        ("Newark Warehouse", "410 Port Street", "Newark", "New Jersey", "NJ", "07114"),
        ("Reno Warehouse", "2200 Vista Boulevard", "Sparks", "Nevada", "NV", "89434"),
        ("Brooklyn Store", "88 Wythe Avenue", "Brooklyn", "New York", "NY", "11249"),
        ("Old Depot", "1 Pier Road", "Elizabeth", "New Jersey", "NJ", "07201"),
    ),
    (
        ("Lager Leipzig", "Messe-Allee 12", "Leipzig", "Sachsen", "SN", "04356"),
        ("Lager Hamburg", "Altenwerder Damm 3", "Hamburg", "Hamburg", "HH", "21129"),
        ("Laden Berlin", "Oranienstraße 40", "Berlin", "Berlin", "BE", "10999"),
        ("Altes Lager", "Werkstraße 5", "Halle", "Sachsen-Anhalt", "ST", "06112"),
    ),
)


def location_documents(shop: ShopProfile, ids: Ids, start: int) -> list[Doc]:
    """The Location documents of a shop; the closed one was given up before the history starts."""
    country_name = {"US": "United States", "DE": "Germany"}[shop.country]
    docs = []
    for place, (name, street, city, province, code, postal) in enumerate(_PLACES[shop.index]):
        gid = ids.gid("Location", place)
        closed = place == CLOSED
        changed = start - 40 * DAY if closed else start - 200 * DAY
        docs.append(
            {
                "__typename": "Location",
                "id": gid,
                "legacyResourceId": gid.rpartition("/")[2],
                "name": name,
                "isActive": not closed,
                "activatable": closed,
                "deactivatable": not closed,
                "deletable": closed,
                "deactivatedAt": iso(changed) if closed else None,
                "addressVerified": True,
                "fulfillsOnlineOrders": place in WAREHOUSES,
                "shipsInventory": place in WAREHOUSES,
                "hasActiveInventory": not closed,
                "hasUnfulfilledOrders": place in WAREHOUSES,
                "isFulfillmentService": False,
                "isPrimary": place == 0,
                "createdAt": iso(start - 400 * DAY),
                "updatedAt": iso(changed),
                "suggestedAddresses": [],
                "address": {
                    "address1": street,
                    "address2": None,
                    "city": city,
                    "province": province,
                    "provinceCode": code,
                    "zip": postal,
                    "country": country_name,
                    "countryCode": shop.country,
                    "phone": None,
                    "latitude": None,
                    "longitude": None,
                    "formatted": [street, f"{city} {postal}", country_name],
                },
            }
        )
    return docs


def assigned_locations(shop: ShopProfile, ids: Ids) -> list[Doc]:
    """FulfillmentOrderAssignedLocation by place: a copy of name and address as they were."""
    return [
        {
            "name": name,
            "address1": street,
            "address2": None,
            "city": city,
            "province": province,
            "zip": postal,
            "countryCode": shop.country,
            "phone": None,
            "location": ref("Location", ids.gid("Location", place)),
        }
        for place, (name, street, city, province, _, postal) in enumerate(_PLACES[shop.index])
    ]
