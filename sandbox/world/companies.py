"""B2B: each business customer stands for a company, with one or two locations and the catalog they buy from."""

from typing import Any

from sandbox.world.catalog import GIFT_CARD
from sandbox.world.context import Context
from sandbox.world.ids import Ids, ref
from sandbox.world.people import names, street, zip_code
from sandbox.world.population import Population
from sandbox.world.regions import REGIONS, Region
from sandbox.world.times import iso

Doc = dict[str, Any]


def company_documents(context: Context, people: Population, number: int, spent: int = 0) -> list[Doc]:
    """Company, contact and locations of a business customer."""
    ids, shop = context.ids, context.shop
    region = REGIONS[shop.index][int(people.region[number])]
    identity = int(people.identity[number])
    at = iso(int(people.created[number]))
    name = f"{names(identity)[1]} Trading"
    company = ref("Company", ids.gid("Company", number))
    contact = ref("CompanyContact", ids.gid("CompanyContact", number))
    times = {"createdAt": at, "updatedAt": at}
    docs: list[Doc] = [
        {
            "__typename": "Company",
            "id": company["id"],
            "name": name,
            "externalId": f"C-{number:05d}",
            "note": None,
            "customerSince": at,
            "lifetimeDuration": "over a year",
            "hasTimelineComment": False,
            "mainContact": contact,
            "defaultRole": None,
            "totalSpent": context.money.plain(spent),
            "contacts": [contact],
            "contactsCount": {"count": 1, "precision": "EXACT"},
            "locations": [
                ref("CompanyLocation", ids.gid("CompanyLocation", number * 2 + place))
                for place in range(_locations(number))
            ],
            "locationsCount": {"count": _locations(number), "precision": "EXACT"},
            **times,
        },
        {
            "__typename": "CompanyContact",
            "id": contact["id"],
            "company": company,
            "customer": ref("Customer", ids.gid("Customer", number)),
            "isMainContact": True,
            "title": "Purchasing",
            "locale": region.locale,
            "lifetimeDuration": "over a year",
            **times,
        },
    ]
    for place in range(_locations(number)):
        address = _address(ids, number * 2 + place, identity + place, region, name, times)
        docs.append(
            {
                "__typename": "CompanyLocation",
                "id": ids.gid("CompanyLocation", number * 2 + place),
                "name": name if place == 0 else f"{name} Depot",
                "externalId": f"C-{number:05d}-{place + 1}",
                "currency": shop.currency,
                "locale": region.locale,
                "note": None,
                "phone": None,
                "company": company,
                "hasTimelineComment": False,
                "billingAddress": address,
                "shippingAddress": address,
                "totalSpent": context.money.plain(spent if place == 0 else 0),
                "catalogs": [ref("CompanyLocationCatalog", ids.gid("CompanyLocationCatalog", 0))],
                "catalogsCount": {"count": 1, "precision": "EXACT"},
                "buyerExperienceConfiguration": {"checkoutToDraft": True, "editableShippingAddress": False},
                **times,
            }
        )
    return docs


def _locations(number: int) -> int:
    return 1 + (number % 3 == 0)


def _address(ids: Ids, place: int, identity: int, region: Region, name: str, times: Doc) -> Doc:
    first, last = names(identity)
    return {
        "__typename": "CompanyAddress",
        "id": ids.gid("CompanyAddress", place),
        "companyName": name,
        "recipient": f"{first} {last}",
        "firstName": first,
        "lastName": last,
        "address1": street(identity),
        "address2": None,
        "city": region.city,
        "province": region.province,
        "zoneCode": region.province_code,
        "zip": zip_code(identity, region),
        "country": region.country_name,
        "countryCode": region.country,
        "formattedAddress": [street(identity), region.city, region.country_name],
        "formattedArea": f"{region.city}, {region.country_name}",
        "phone": None,
        **times,
    }


def catalog_document(context: Context, created: int) -> Doc:
    """The wholesale catalog that all company locations share."""
    return {
        "__typename": "CompanyLocationCatalog",
        "id": context.ids.gid("CompanyLocationCatalog", 0),
        "title": "Wholesale",
        "status": "ACTIVE",
        "operations": [],
        "priceList": ref("PriceList", context.ids.gid("PriceList", 0)),
        "publication": None,
        "createdAt": iso(created),
        "updatedAt": iso(created),
    }


def price_list_document(context: Context, now: int) -> Doc:
    """The price list of that catalog: for all that is sold, the price that companies are charged.

    It is the shop's own price; what companies get off is agreed order by order, as a discount on the draft. The type
    has no times of its own: a reader cannot tell when a price was set.
    """
    ids, money = context.ids, context.money
    prices = [
        {
            "__typename": "PriceListPrice",
            "variant": ref("ProductVariant", ids.gid("ProductVariant", variant.place)),
            "price": money.plain(variant.price(now)),
            "compareAtPrice": None,
            "originType": "FIXED",
            "quantityPriceBreaks": [],
        }
        for variant in context.catalog.variants
        if variant.product.on_sale(now) and variant.product.kind != GIFT_CARD
    ]
    return {
        "__typename": "PriceList",
        "id": ids.gid("PriceList", 0),
        "name": "Wholesale",
        "currency": context.shop.currency,
        "fixedPricesCount": len(prices),
        "parent": None,
        "catalog": ref("CompanyLocationCatalog", ids.gid("CompanyLocationCatalog", 0)),
        "prices": prices,
    }
