"""Customer documents: person, consent, addresses, and what their orders add up to."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sandbox.world.context import Context
from sandbox.world.ids import ref
from sandbox.world.people import email, mailing_address, names, phone
from sandbox.world.population import ACCOUNT, BUSINESS, NAMELESS, Population
from sandbox.world.regions import REGIONS, Region
from sandbox.world.statistics import Thresholds, rfm_group, spend_tier
from sandbox.world.streams import PROFILE, Floats, Ints, uniform_row
from sandbox.world.times import DAY, iso

Doc = dict[str, Any]

_EDIT_EVERY = 380 * DAY
# Prospects draw from the same stream, far above every customer's number.
_PROSPECTS = 1 << 40


@dataclass(slots=True)
class Totals:
    """What a customer's orders add up to: count, cents, the last order's number and instant (0 for none)."""

    orders: int = 0
    cents: int = 0
    last_number: int = -1
    last_moment: int = 0


def edit_moments(created: int, draw: float, until: int) -> list[int]:
    """When a customer changed something about themselves, up to an instant."""
    first = created + int((0.1 + draw) * _EDIT_EVERY)
    return list(range(first, until + 1, _EDIT_EVERY))


def edits_done(created: Ints, draws: Floats, until: int) -> Ints:
    """How many of these there are, for many customers at once."""
    first = created + ((0.1 + draws) * _EDIT_EVERY).astype(np.int64)
    return np.maximum((until - first) // _EDIT_EVERY + 1, 0)


def customer_document(
    context: Context, people: Population, number: int, now: int, totals: Totals, thresholds: Thresholds
) -> Doc:
    """A customer who bought."""
    shop = context.shop
    region = REGIONS[shop.index][int(people.region[number])]
    identity = int(people.identity[number])
    alias = number if int(people.survivor[number]) != number else None
    doc = _document(
        context, "Customer", number, identity, alias, region, int(people.kind[number]), int(people.created[number]), now
    )
    apply_totals(context, doc, totals, thresholds)
    return doc


def apply_totals(context: Context, doc: Doc, totals: Totals, thresholds: Thresholds) -> None:
    """Write what the orders add up to; a newer order moves ``updatedAt``."""
    doc["numberOfOrders"] = str(totals.orders)
    doc["amountSpent"] = context.money.plain(totals.cents)
    last = totals.last_number
    doc["lastOrder"] = ref("Order", context.ids.gid("Order", last)) if last >= 0 else None
    if totals.last_moment:
        doc["updatedAt"] = max(doc["updatedAt"], iso(totals.last_moment))
    doc["statistics"] = {
        "predictedSpendTier": spend_tier(totals.orders, totals.cents, thresholds),
        "rfmGroup": rfm_group(totals.orders, totals.cents, totals.last_moment, thresholds),
    }


def prospect_document(context: Context, number: int, created: int, now: int) -> Doc:
    """Somebody who left an address and never bought."""
    regions = REGIONS[context.shop.index]
    identity = 50_000_000 + number
    region = regions[number % len(regions)]
    doc = _document(context, "Prospect", number, identity, None, region, ACCOUNT, created, now)
    doc["numberOfOrders"], doc["lastOrder"] = "0", None
    doc["amountSpent"] = context.money.plain(0)
    doc["statistics"] = {"predictedSpendTier": None, "rfmGroup": "PROSPECTS"}
    return doc


def customer_draws(seed: int, kind: str, number: int) -> list[float]:
    """The row that decides about consent, tags and edits."""
    return uniform_row(seed, PROFILE, number + (_PROSPECTS if kind == "Prospect" else 0), 10)


def _document(
    context: Context, kind: str, number: int, identity: int, alias: int | None, region: Region, standing: int,
    created: int, now: int,
) -> Doc:  # fmt: skip
    ids = context.ids
    gid = ids.gid(kind, number)
    draws = customer_draws(context.parameters.seed, kind, number)
    edits = edit_moments(created, draws[6], now)
    first, last = names(identity)
    place = number * 2 + (1 if kind == "Prospect" else 0)
    company = f"{last} Trading" if standing == BUSINESS else None
    address = mailing_address(ids, place, identity, region, company, edits=len(edits) // 2)
    changed = max([created, *edits[-1:]])
    subscribed = draws[7] < (0.6 if standing == ACCOUNT else 0.15)
    tags = ["newsletter"] if subscribed and draws[8] < 0.5 else []
    if standing == BUSINESS:
        tags.append("wholesale")
    if draws[8] > 0.98:
        tags.append("press")
    return {
        "__typename": "Customer",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "firstName": first,
        "lastName": last,
        "displayName": f"{first} {last}",
        "createdAt": iso(created),
        "updatedAt": iso(changed),
        "state": "ENABLED" if standing in (ACCOUNT, BUSINESS) else "DISABLED",
        "locale": region.locale,
        "note": "Prefers to be called" if draws[9] < 0.02 else None,
        "tags": sorted(tags),
        "taxExempt": standing == BUSINESS and context.shop.index == 0 and number % 5 < 2,
        "taxExemptions": [],
        "verifiedEmail": standing != NAMELESS and draws[9] < 0.9,
        "multipassIdentifier": None,
        "dataSaleOptOut": draws[9] > 0.99,
        "canDelete": kind == "Prospect",
        "lifetimeDuration": f"{max(1, (now - created) // (30 * DAY))} months",
        "productSubscriberStatus": "NEVER_SUBSCRIBED",
        "mergeable": {"isMergeable": True, "reason": None, "errorFields": [], "mergeInProgress": None},
        "companyContactProfiles": (
            [ref("CompanyContact", ids.gid("CompanyContact", number))] if standing == BUSINESS else []
        ),
        "defaultEmailAddress": consent(email(identity, alias), subscribed, edits, draws),
        "defaultPhoneNumber": (
            {"phoneNumber": phone(identity, region), "marketingState": "NOT_SUBSCRIBED", "marketingOptInLevel": None}
            if draws[9] > 0.6
            else None
        ),
        "image": {"url": "https://example.com/no-picture.png"},
        "taxSettings": {"taxId": None},
        "defaultAddress": address,
        "addressesV2": [address],
    }


def consent(address: str, subscribed: bool, edits: list[int], draws: list[float]) -> Doc:
    """The mail address with its marketing state; the first edit of a customer's life concerns it."""
    if edits:
        state = "UNSUBSCRIBED" if subscribed else "SUBSCRIBED"
    else:
        state = "SUBSCRIBED" if subscribed else "NOT_SUBSCRIBED"
    double = draws[8] < 0.4
    return {
        "emailAddress": address,
        "marketingState": state,
        "marketingOptInLevel": ("CONFIRMED_OPT_IN" if double else "SINGLE_OPT_IN") if state == "SUBSCRIBED" else None,
        "marketingUpdatedAt": iso(edits[0]) if edits else None,
        "marketingUnsubscribeUrl": f"https://example.com/unsubscribe/{address}",
        "openTrackingLevel": "UNKNOWN",
        "openTrackingUrl": "https://example.com/open-tracking",
        "sourceLocation": None,
        "validFormat": True,
    }
