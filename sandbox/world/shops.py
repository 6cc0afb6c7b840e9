"""The Shop documents, and segments that every shop has from the start."""

from typing import Any

from sandbox.world.ids import Ids
from sandbox.world.parameters import ShopProfile
from sandbox.world.times import DAY, iso

Doc = dict[str, Any]

_ADDRESSES = {
    "us": ("88 Wythe Avenue", "Brooklyn", "New York", "NY", "11249", "US", "United States"),
    "eu": ("Oranienstraße 40", "Berlin", "Berlin", "BE", "10999", "DE", "Germany"),
}
_SEGMENTS = (
    ("Customers who have purchased at least once", "number_of_orders >= 1"),
    ("Email subscribers", "email_subscription_status = 'SUBSCRIBED'"),
    ("Customers who haven't purchased", "number_of_orders = 0"),
    ("Customers who have purchased more than once", "number_of_orders > 1"),
    ("Wholesale", "customer_tags CONTAINS 'wholesale'"),
)


def shop_document(shop: ShopProfile, ids: Ids, created: int) -> Doc:
    """A shop; fields that follow from the clock (time zone offset) are left to the reader."""
    street, city, province, code, postal, country, country_name = _ADDRESSES[shop.key]
    gid = ids.gid("Shop", 0)
    address = {
        "__typename": "ShopAddress",
        "id": gid.replace("/Shop/", "/ShopAddress/"),
        "address1": street,
        "address2": None,
        "city": city,
        "company": shop.name,
        "country": country_name,
        "countryCodeV2": country,
        "province": province,
        "provinceCode": code,
        "zip": postal,
        "phone": None,
        "coordinatesValidated": False,
        "formatted": [street, f"{city} {postal}", country_name],
        "formattedArea": f"{city}, {country_name}",
    }
    return {
        "__typename": "Shop",
        "id": gid,
        "name": shop.name,
        "email": "shop@example.com",
        "contactEmail": "hello@example.com",
        "shopOwnerName": "Robin Boomer",
        "myshopifyDomain": shop.domain,
        "url": f"https://{shop.domain}",
        "primaryDomain": {
            "id": gid.replace("/Shop/", "/Domain/"),
            "host": shop.domain,
            "sslEnabled": True,
            "url": f"https://{shop.domain}",
        },
        "createdAt": iso(created),
        "updatedAt": iso(created + 90 * DAY),
        "ianaTimezone": shop.zone,
        "timezoneAbbreviation": "EST" if shop.key == "us" else "CET",
        "timezoneOffset": "-0500" if shop.key == "us" else "+0100",
        "timezoneOffsetMinutes": -300 if shop.key == "us" else 60,
        "currencyCode": shop.currency,
        "currencyFormats": {
            "moneyFormat": "{{amount}}",
            "moneyInEmailsFormat": "{{amount}}",
            "moneyWithCurrencyFormat": f"{{{{amount}}}} {shop.currency}",
            "moneyWithCurrencyInEmailsFormat": f"{{{{amount}}}} {shop.currency}",
        },
        "enabledPresentmentCurrencies": ["CAD", "EUR", "GBP", "USD"] if shop.key == "us" else ["CHF", "EUR", "GBP"],
        "taxesIncluded": shop.taxes_included,
        "taxShipping": True,
        "unitSystem": "IMPERIAL_SYSTEM" if shop.key == "us" else "METRIC_SYSTEM",
        "weightUnit": "POUNDS" if shop.key == "us" else "KILOGRAMS",
        "orderNumberFormatPrefix": shop.prefix,
        "orderNumberFormatSuffix": "",
        "checkoutApiSupported": True,
        "customerAccounts": "OPTIONAL",
        "setupRequired": False,
        "transactionalSmsDisabled": False,
        "marketingSmsConsentEnabledAtCheckout": False,
        "shipsToCountries": ["US", "CA"] if shop.key == "us" else ["AT", "DE", "FR"],
        "plan": {
            "publicDisplayName": "Shopify Plus" if shop.key == "us" else "Advanced",
            "shopifyPlus": shop.key == "us",
            "partnerDevelopment": False,
        },
        "billingAddress": address,
        "shopAddress": address,
    }


def segment_documents(ids: Ids, created: int) -> list[Doc]:
    """Shopify's default segments and one of the merchant's."""
    return [
        {
            "__typename": "Segment",
            "id": ids.gid("Segment", place),
            "name": name,
            "query": query,
            "creationDate": iso(created + place * DAY),
            "lastEditDate": iso(created + place * DAY),
            "createdAt": iso(created + place * DAY),
            "updatedAt": iso(created + place * DAY),
        }
        for place, (name, query) in enumerate(_SEGMENTS)
    ]
