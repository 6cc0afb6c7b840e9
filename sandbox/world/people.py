"""Names, addresses and contact data of customers; every address and number is of a range kept for examples."""

from typing import Any

from sandbox.world.ids import Ids
from sandbox.world.regions import Region

_FIRST_NAMES = (
    "Ada Amir Anna Ben Carla Chloé Clara Dana David Elena Emil Emma Erik Fatima Felix Finn Grace Hana Hugo Ida Ines "
    "Jakob Jane Jonas Julia Kai Karl Lara Lea Leo Lina Luca Maja Marie Marta Max Mia Milan Nadia Nina Noah Nora Olga "
    "Omar Oscar Paul Pia Rosa Ruth Sam Sara Sofia Theo Tim Tom Vera Viktor Yara Yusuf Zoe"
)
_LAST_NAMES = (
    "Adams Bauer Becker Bell Bianchi Brooks Brown Carter Chen Cohen Costa Cruz Diaz Dubois Evans Fischer Fontaine "
    "Foster Garcia Green Haas Hansen Hayes Hill Hoffmann Huber Ito Jansen Jones Kaya Keller Kelly Khan Kim Klein "
    "Koch König Kowalski Lang Larsen Lee Lewis Lopez Martin Meyer Miller Moreau Müller Nguyen Novak O'Brien Okafor "
    "Olsen Park Patel Perez Petit Reed Richter Rossi Roth Santos Sato Schäfer Schmidt Schneider Schulz Silva Singh "
    "Smith Stein Sullivan Tanaka Taylor Thomas Wagner Walker Weber Weiss White Wolf Wood Wright Yilmaz Young Zhang "
    "Zimmermann"
)
_FIRST, _LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()
_STREETS = (
    "Alder Street", "Birch Lane", "Canal Street", "Dock Road", "Elm Avenue", "Garden Street", "Harbor Way",
    "Lindenstraße", "Market Street", "Mill Road", "Park Avenue", "Rue des Lilas", "Schulstraße", "Station Road",
)  # fmt: skip
_ASCII = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ö": "oe", "é": "e", "'": "", " ": ""})


def names(identity: int) -> tuple[str, str]:
    """First and last name of a person; identities are the world's own numbers."""
    # Two multipliers without a common factor with the list lengths: neighbours get different names in both.
    return _FIRST[identity * 7919 % len(_FIRST)], _LAST[(identity // 3 * 104_729 + identity) % len(_LAST)]


def email(identity: int, alias: int | None = None) -> str:
    """A mail address of the person, a second one with ``alias``; example.com delivers to nobody."""
    first, last = names(identity)
    number = identity if alias is None else f"{identity}.{alias}"
    return f"{first}.{last}.{number}@example.com".translate(_ASCII).lower()


def phone(identity: int, region: Region) -> str:
    """A telephone number in E.164 form."""
    return f"{region.calling_code}{identity % 10000:04d}"


def street(identity: int, edits: int = 0) -> str:
    """First address line; moves on with each change of address."""
    place = identity + edits * 31
    return f"{place * 17 % 240 + 1} {_STREETS[place % len(_STREETS)]}"


def zip_code(identity: int, region: Region) -> str:
    """A postal code of the region."""
    length = {"AT": 4}.get(region.country, 5) - len(region.zip_prefix)
    return f"{region.zip_prefix}{identity % 10**length:0{length}d}"


def mailing_address(
    ids: Ids, place: int, identity: int, region: Region, company: str | None = None, edits: int = 0
) -> dict[str, Any]:
    """A MailingAddress of a customer."""
    first, last = names(identity)
    return {
        "__typename": "MailingAddress",
        "id": ids.address(place),
        "firstName": first,
        "lastName": last,
        "name": f"{first} {last}",
        "company": company,
        "address1": street(identity, edits),
        "address2": None,
        "city": region.city,
        "province": region.province,
        "provinceCode": region.province_code,
        "zip": zip_code(identity, region),
        "country": region.country_name,
        "countryCodeV2": region.country,
        "phone": None,
        "coordinatesValidated": False,
        "formattedArea": f"{region.city}, {region.country_name}",
        "timeZone": None,
        "formatted": [f"{first} {last}", street(identity, edits), region.city, region.country_name],
    }


def order_address(ids: Ids, order: int, identity: int, region: Region) -> dict[str, Any]:
    """The address an order went to: a copy, with an id of its own."""
    address = mailing_address(ids, 0, identity, region)
    address["id"] = f"{ids.gid('OrderAddress', order)}?model_name=Address"
    return address
