"""Stock: what lies where, in all eight states, and how orders and deliveries move it."""

from collections.abc import Iterable
from typing import Any

from sandbox.world.catalog import GOODS, Variant
from sandbox.world.context import Context
from sandbox.world.ids import ref
from sandbox.world.locations import CLOSED, STORE, WAREHOUSES
from sandbox.world.orders.state import Effect
from sandbox.world.streams import STOCK, uniform_row
from sandbox.world.times import DAY, iso

Doc = dict[str, Any]

QUANTITY_NAMES = (
    "available", "on_hand", "committed", "incoming", "reserved", "damaged", "safety_stock", "quality_control",
)  # fmt: skip
# on_hand is the sum of these; incoming goods are not here yet.
ON_HAND_PARTS = ("available", "committed", "reserved", "damaged", "safety_stock", "quality_control")
_REORDER_POINT = 8
_LOT = 60

# (variant, location) -> (units made available, units committed)
Movements = dict[tuple[int, int], tuple[int, int]]


def net_movements(effects: Iterable[Effect], into: Movements, sign: int = 1) -> None:
    """Add up what orders do to levels."""
    for variant, location, available, committed in effects:
        a, c = into.get((variant, location), (0, 0))
        into[variant, location] = (a + sign * available, c + sign * committed)


def item_document(context: Context, variant: Variant, now: int, committed: Movements) -> Doc:
    """An InventoryItem with its levels when the history ends: stock is drawn, promised units come from the orders."""
    ids, product = context.ids, variant.product
    gid = ids.gid("InventoryItem", variant.place)
    tracked = product.kind == GOODS
    draws = uniform_row(context.parameters.seed, STOCK, variant.place * 2 + context.shop.index, 32)
    levels = []
    if tracked:
        for location in (*WAREHOUSES, STORE):
            promised = committed.get((variant.place, location), (0, 0))[1]
            levels.append(_level(context, variant, location, now, promised, draws[location * 7 :]))
        if variant.place % 9 == 0:
            levels.append(_level(context, variant, CLOSED, now, 0, [0.0] * 7))
    return {
        "__typename": "InventoryItem",
        "id": gid,
        "legacyResourceId": gid.rpartition("/")[2],
        "sku": variant.sku,
        "tracked": tracked,
        "trackedEditable": {"locked": False, "reason": None},
        "requiresShipping": tracked,
        "duplicateSkuCount": 0,
        "countryCodeOfOrigin": ("PT", "CN", "VN", "DE")[product.place % 4] if tracked else None,
        "provinceCodeOfOrigin": None,
        "harmonizedSystemCode": f"{610910 + product.place % 40}" if tracked else None,
        "inventoryHistoryUrl": None,
        "createdAt": iso(product.created),
        "updatedAt": iso(product.changed(now)),
        "unitCost": context.money.plain(variant.base_price * 2 // 5) if tracked else None,
        "measurement": {
            "id": f"gid://shopify/InventoryItemMeasurement/{ids.number('InventoryItem', variant.place) + 5}",
            "weight": {"value": variant.weight, "unit": "KILOGRAMS"},
        },
        "variant": ref("ProductVariant", ids.gid("ProductVariant", variant.place)),
        "locationsCount": {"count": sum(level["isActive"] for level in levels), "precision": "EXACT"},
        "inventoryLevels": levels,
    }


def _level(context: Context, variant: Variant, location: int, now: int, committed: int, draws: list[float]) -> Doc:
    ids = context.ids
    closed = location == CLOSED
    touched = max(now - int(draws[6] * 20 * DAY), variant.product.created)
    quantities = {
        # Some are oversold, by no more than is promised: less than nothing lies nowhere.
        "available": 0 if closed else int(draws[0] ** 2 * 180) - (min(4, committed) if draws[0] < 0.02 else 0),
        "committed": committed,
        "incoming": _LOT if draws[1] < 0.12 and not closed else 0,
        "reserved": int(draws[2] * 4) if draws[2] < 0.2 else 0,
        "damaged": 1 if 0.3 < draws[3] < 0.38 else 0,
        "safety_stock": 5 if draws[4] > 0.85 else 0,
        "quality_control": 2 if draws[5] > 0.96 else 0,
    }
    quantities["on_hand"] = sum(quantities[part] for part in ON_HAND_PARTS)
    number = ids.number("InventoryQuantity", (variant.place * 4 + location) * 8)
    return {
        "__typename": "InventoryLevel",
        "id": ids.level(location, variant.place),
        "isActive": not closed,
        "canDeactivate": False,
        "deactivationAlert": None,
        "createdAt": iso(variant.product.created),
        "updatedAt": iso(touched),
        "item": ref("InventoryItem", ids.gid("InventoryItem", variant.place)),
        "location": ref("Location", ids.gid("Location", location)),
        "quantities": [
            {
                "__typename": "InventoryQuantity",
                "id": f"gid://shopify/InventoryQuantity/{number + place}?inventory_item_id="
                f"{ids.number('InventoryItem', variant.place)}",
                "name": name,
                "quantity": quantities[name],
                "updatedAt": iso(touched),
            }
            for place, name in enumerate(QUANTITY_NAMES)
        ],
    }


def move(item: Doc, context: Context, movements: dict[int, tuple[int, int]], at: str) -> None:
    """Apply (available, committed) by location to an item's levels."""
    by_gid = {level["location"]["id"]: level for level in item["inventoryLevels"]}
    for location, (available, committed) in movements.items():
        level = by_gid.get(context.ids.gid("Location", location))
        if level is not None and (available or committed):
            change_level(level, {"available": available, "committed": committed}, at)


def bring_what_was_shipped(item: Doc, at: str) -> bool:
    """Where more was shipped than lay there, a delivery came in time. Returns whether one did."""
    moved = False
    for level in item["inventoryLevels"]:
        now = {quantity["name"]: quantity["quantity"] for quantity in level["quantities"]}
        if level["isActive"] and now["on_hand"] < 0:
            units = now["incoming"] + -(-max(-now["on_hand"] - now["incoming"], 0) // _LOT) * _LOT
            change_level(level, {"incoming": -now["incoming"], "available": units}, at)
            moved = True
    return moved


def replenish(item: Doc, at: str) -> bool:
    """What was on its way arrives; where stock runs low, more is ordered. Returns whether anything moved."""
    moved = False
    for level in item["inventoryLevels"]:
        if not level["isActive"]:
            continue
        now = {quantity["name"]: quantity["quantity"] for quantity in level["quantities"]}
        if now["incoming"]:
            change_level(level, {"incoming": -now["incoming"], "available": now["incoming"]}, at)
            moved = True
        elif now["available"] < _REORDER_POINT:
            change_level(level, {"incoming": _LOT}, at)
            moved = True
    return moved


def change_level(level: Doc, changes: dict[str, int], at: str) -> None:
    """Change quantities of a level and keep on_hand their sum."""
    quantities = {quantity["name"]: quantity for quantity in level["quantities"]}
    for name, units in changes.items():
        if units:
            quantities[name]["quantity"] += units
            quantities[name]["updatedAt"] = at
    on_hand = sum(quantities[part]["quantity"] for part in ON_HAND_PARTS)
    if on_hand != quantities["on_hand"]["quantity"]:
        quantities["on_hand"].update(quantity=on_hand, updatedAt=at)
    level["updatedAt"] = at


def available(item: Doc) -> int:
    """Units for sale at all active locations."""
    return sum(
        quantity["quantity"]
        for level in item["inventoryLevels"]
        if level["isActive"]
        for quantity in level["quantities"]
        if quantity["name"] == "available"
    )
