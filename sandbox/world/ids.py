"""Ids of the world: gids whose numbers look like Shopify's, grow with time, and follow from an object's place.

An order's children are numbered inside its own block, so that any of them can be named without asking anyone and
stays the same when the order is drawn again later.
"""

from sandbox.world.parameters import ShopProfile

# First number, and the distance from one object (or one block of children) to the next.
_RANGES = {
    "Order": (5_410_000_000_000, 32_771),
    "Customer": (7_120_000_000_000, 32_779),
    "Prospect": (7_620_000_000_000, 32_779),
    "MailingAddress": (8_830_000_000_000, 32_783),
    "OrderAddress": (21_830_000_000_000, 16_381),
    "Product": (8_210_000_000_000, 32_797),
    "ProductVariant": (44_310_000_000_000, 32_801),
    "InventoryItem": (46_410_000_000_000, 32_801),
    "ProductVariantComponent": (1_210_000_000_000, 37),
    "Location": (71_200_000_000, 32_803),
    "InventoryLevel": (98_400_000_000, 32_831),
    "InventoryQuantity": (6_210_000_000_000, 11),
    "LineItem": (13_620_000_000_000, 37),
    "LineItemGroup": (2_210_000_000_000, 37),
    "ShippingLine": (4_310_000_000_000, 32_833),
    "OrderTransaction": (6_610_000_000_000, 41),
    "Refund": (912_000_000_000, 43),
    "RefundLineItem": (613_000_000_000, 47),
    "RefundShippingLine": (2_110_000_000_000, 53),
    "OrderAdjustment": (285_000_000_000, 59),
    "Fulfillment": (4_910_000_000_000, 61),
    "FulfillmentLineItem": (12_410_000_000_000, 67),
    "FulfillmentOrder": (6_310_000_000_000, 71),
    "FulfillmentOrderLineItem": (13_110_000_000_000, 73),
    "Return": (7_910_000_000, 79),
    "ReturnLineItem": (17_210_000_000, 83),
    "ExchangeLineItem": (1_910_000_000, 89),
    "SalesAgreement": (11_110_000_000_000, 97),
    "Sale": (18_310_000_000_000, 101),
    "SaleTax": (9_310_000_000_000, 103),
    "GiftCard": (512_000_000_000, 107),
    "DraftOrder": (1_110_000_000_000, 32_839),
    "DraftOrderLineItem": (58_110_000_000_000, 109),
    "AbandonedCheckout": (36_110_000_000_000, 32_843),
    "AbandonedCheckoutLineItem": (39_110_000_000_000, 113),
    "Company": (1_310_000_000, 127),
    "CompanyLocation": (2_410_000_000, 131),
    "CompanyContact": (3_510_000_000, 137),
    "CompanyAddress": (4_610_000_000, 139),
    "CompanyLocationCatalog": (84_110_000_000, 149),
    "PriceList": (18_110_000_000, 157),
    "ShopifyPaymentsPayout": (98_110_000_000, 167),
    "Collection": (452_110_000_000, 32_869),
    "DiscountNode": (1_410_000_000_000, 32_887),
    "DiscountRedeemCode": (17_110_000_000_000, 32_909),
    "Segment": (512_210_000_000, 151),
    "Shop": (68_310_000_000, 163),
}
_GID_TYPE = {"Prospect": "Customer", "OrderAddress": "MailingAddress"}

# The shops share Shopify's number space: the second one starts this far up in every range.
_SHOP_DISTANCE = 350_000_000_000
_SMALL_SHOP_DISTANCE = 400_000_000
WIDE = 2**53


class Ids:
    """Gids of one shop. ``wide`` lifts every number above 2^53, where a float no longer holds it."""

    def __init__(self, shop: ShopProfile, wide: bool = False) -> None:
        """Prepare prefix, base and step of every kind."""
        self._parts: dict[str, tuple[str, int, int]] = {}
        for kind, (first, step) in _RANGES.items():
            distance = _SHOP_DISTANCE if first > 100_000_000_000 else _SMALL_SHOP_DISTANCE
            base = first + shop.index * distance + (WIDE if wide else 0)
            self._parts[kind] = (f"gid://shopify/{_GID_TYPE.get(kind, kind)}/", base, step)

    def number(self, kind: str, place: int) -> int:
        """The number of an object."""
        _, base, step = self._parts[kind]
        return base + place * step

    def gid(self, kind: str, place: int) -> str:
        """The gid of an object."""
        prefix, base, step = self._parts[kind]
        return f"{prefix}{base + place * step}"

    def address(self, place: int) -> str:
        """The gid of a customer's address, which names its model."""
        return f"{self.gid('MailingAddress', place)}?model_name=CustomerAddress"

    def level(self, location: int, item: int) -> str:
        """The gid of an inventory level, which carries the item in its query string."""
        return f"{self.gid('InventoryLevel', location)}?inventory_item_id={self.number('InventoryItem', item)}"


def ref(typename: str, gid: str) -> dict[str, str]:
    """A reference: the reader looks the rest up."""
    return {"__typename": typename, "id": gid}
