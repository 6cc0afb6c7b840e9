"""Discounts: which exist, when they run, what they take off a basket, and their documents."""

from dataclasses import dataclass
from typing import Any

from sandbox.world.ids import Ids
from sandbox.world.orders.plan import Item
from sandbox.world.parameters import Parameters, ShopProfile
from sandbox.world.times import DAY, iso

Doc = dict[str, Any]


@dataclass(frozen=True)
class Promotion:
    """A discount. ``percent`` of each line or of shipping, or ``amount`` in cents off the basket."""

    place: int
    title: str
    typename: str
    starts: int
    ends: int | None
    percent: int = 0
    amount: int = 0
    minimum: int = 0
    once: bool = False

    @property
    def by_code(self) -> bool:
        """Whether the buyer types it in."""
        return self.typename.startswith("DiscountCode")

    @property
    def for_shipping(self) -> bool:
        """Whether it takes off shipping, not goods."""
        return self.typename.endswith("FreeShipping")

    def runs(self, moment: int) -> bool:
        """Whether it can be used at an instant."""
        return self.starts <= moment and (self.ends is None or moment < self.ends)


class Promotions:
    """The discounts of a shop, the same set in both."""

    def __init__(self, parameters: Parameters, shop: ShopProfile) -> None:
        """Lay them over the history."""
        start, built = parameters.start, parameters.built
        middle = (start + built) // 2
        self.welcome = Promotion(0, "WELCOME10", "DiscountCodeBasic", start - 60 * DAY, None, percent=10, once=True)
        self.season = Promotion(1, "SEASON15", "DiscountCodeBasic", middle, middle + 90 * DAY, percent=15)
        self.fixed = Promotion(2, "TAKE20", "DiscountCodeBasic", start - 20 * DAY, None, amount=2000, minimum=8000)
        self.shipping = Promotion(3, "FREESHIP", "DiscountCodeFreeShipping", start - 60 * DAY, None, percent=100)
        self.pairs = Promotion(4, "Two shirts, 15 % off", "DiscountAutomaticBasic", start - 60 * DAY, None, percent=15)
        self.all = (self.welcome, self.season, self.fixed, self.shipping, self.pairs)

    def code_for(self, draw: float, moment: int, first: bool, basket: int) -> Promotion:
        """The code that a buyer who has one types in."""
        if first and draw < 0.6:
            return self.welcome
        if draw < 0.5 and self.season.runs(moment):
            return self.season
        return self.fixed if draw < 0.7 and basket >= self.fixed.minimum else self.shipping


def application(promotion: Promotion, index: int, currency: str) -> Doc:
    """The DiscountApplication that a promotion leaves on an order."""
    if promotion.amount:
        value: Doc = {"__typename": "MoneyV2", "amount": f"{promotion.amount / 100:.1f}", "currencyCode": currency}
    else:
        value = {"__typename": "PricingPercentageValue", "percentage": float(promotion.percent)}
    automatic = not promotion.by_code
    return {
        "__typename": "AutomaticDiscountApplication" if automatic else "DiscountCodeApplication",
        "index": index,
        "allocationMethod": "EACH" if automatic or promotion.for_shipping else "ACROSS",
        "targetSelection": "ENTITLED" if automatic else "ALL",
        "targetType": "SHIPPING_LINE" if promotion.for_shipping else "LINE_ITEM",
        "value": value,
        **({"title": promotion.title} if automatic else {"code": promotion.title}),
    }


def manual_application(index: int, percent: int) -> Doc:
    """A discount that somebody of the staff gave."""
    return {
        "__typename": "ManualDiscountApplication",
        "index": index,
        "allocationMethod": "ACROSS",
        "targetSelection": "ALL",
        "targetType": "LINE_ITEM",
        "title": "Trade discount",
        "description": "Trade discount",
        "value": {"__typename": "PricingPercentageValue", "percentage": float(percent)},
    }


def spread(items: list[Item], total: int, discount: Doc) -> None:
    """Share an amount out over lines by their price after line discounts, to the cent."""
    weights = [item.price * item.quantity - sum(cents for _, cents in item.allocations) for item in items]
    whole = sum(weights)
    total = min(total, whole)
    passed = given = 0
    for item, weight in zip(items, weights, strict=True):
        passed += weight
        share = total * passed // whole - given if whole else 0
        given += share
        if share:
            item.allocations.append((discount, share))


def _effect(promotion: Promotion, currency: str) -> Doc:
    if not promotion.amount:
        return {"__typename": "DiscountPercentage", "percentage": promotion.percent / 100}
    amount = {"amount": f"{promotion.amount / 100:.1f}", "currencyCode": currency}
    return {"__typename": "DiscountAmount", "amount": amount, "appliesOnEachItem": False}


def promotion_document(promotion: Promotion, ids: Ids, currency: str, used: int, now: int) -> Doc:
    """The DiscountNode document, with the discount and its code inside."""
    kind = "DiscountCodeNode" if promotion.by_code else "DiscountAutomaticNode"
    number = ids.number("DiscountNode", promotion.place)
    ended = promotion.ends is not None and promotion.ends <= now
    started = promotion.starts <= now
    off = f"{promotion.amount // 100} off" if promotion.amount else f"{promotion.percent}% off"
    changed = promotion.ends if ended and promotion.ends is not None else promotion.starts
    discount: Doc = {
        "__typename": promotion.typename,
        "title": promotion.title,
        "status": "EXPIRED" if ended else "ACTIVE" if started else "SCHEDULED",
        "startsAt": iso(promotion.starts),
        "endsAt": iso(promotion.ends) if promotion.ends else None,
        "createdAt": iso(promotion.starts - DAY),
        "updatedAt": iso(changed),
        "summary": off,
        "shortSummary": off,
        "asyncUsageCount": used,
        "discountClasses": ["SHIPPING" if promotion.for_shipping else "ORDER" if promotion.by_code else "PRODUCT"],
        "combinesWith": {"orderDiscounts": False, "productDiscounts": True, "shippingDiscounts": False},
        "tags": [],
        "recurringCycleLimit": 0,
        "minimumRequirement": None,
    }
    if promotion.for_shipping:
        discount.update(
            appliesOnOneTimePurchase=True,
            appliesOnSubscription=False,
            destinationSelection={"__typename": "DiscountCountryAll", "allCountries": True},
        )
    else:
        discount["customerGets"] = {
            "appliesOnOneTimePurchase": True,
            "appliesOnSubscription": False,
            "items": {"__typename": "AllDiscountItems", "allItems": True},
            "value": _effect(promotion, currency),
        }
    if promotion.by_code:
        discount.update(
            usageLimit=None,
            appliesOncePerCustomer=promotion.once,
            hasTimelineComment=False,
            shareableUrls=[],
            codesCount={"count": 1, "precision": "EXACT"},
            codes=[
                {
                    "__typename": "DiscountRedeemCode",
                    "id": ids.gid("DiscountRedeemCode", promotion.place),
                    "code": promotion.title,
                    "asyncUsageCount": used,
                }
            ],
        )
    return {
        "__typename": "DiscountNode",
        "id": f"gid://shopify/{kind}/{number}",
        "createdAt": discount["createdAt"],
        "updatedAt": discount["updatedAt"],
        "discount": discount,
    }
