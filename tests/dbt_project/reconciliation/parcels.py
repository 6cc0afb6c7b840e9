"""Cases about what is in a parcel, and about stock."""

from decimal import Decimal

from tests.dbt_project.reconciliation.orders import case
from tests.dbt_project.reconciliation.world import EAST, ERP, NOW, PARTNER, PLACED, SHOP, World, minutes


def parcel(world: World, number: int, **change: object) -> None:
    """Change the parcel's line."""
    world.change("threepl", "shipment_lines", change, shipment_id=f"H{number}")


@case(301, ("FUL-04@UPS 301", "open"))
def a_unit_short(world: World, number: int) -> None:
    world.order(number, units=3)
    parcel(world, number, quantity=Decimal(2))


@case(302, ("FUL-05@UPS 302", "open"))
def another_sku(world: World, number: int) -> None:
    world.order(number)
    parcel(world, number, sku="B-1")


@case(303, ("FUL-06@UPS 303", "open"))
def from_another_warehouse(world: World, number: int) -> None:
    world.order(number)
    world.change("threepl", "shipments", {"warehouse_code": "W1"}, shipment_id=f"H{number}")


@case(304, ("FUL-07@UPS 304 again", "open"))
def the_same_goods_again(world: World, number: int) -> None:
    world.order(number)
    first = next(row for row in world.rows["threepl", "shipments"] if row["shipment_id"] == f"H{number}")
    again = {"shipment_id": f"H{number}x", "tracking_number": f"UPS {number} again"}
    world.add("threepl", "shipments", **first | again | {"shipped_at": first["shipped_at"] + minutes(500)})
    world.add("threepl", "shipment_lines", partner=PARTNER, shipment_id=f"H{number}x", line_number=1, sku="A-1",
              quantity=Decimal(1))  # fmt: skip


@case(305, ("FUL-09@UPS 305", "open"))
def labelled_in_the_morning_and_shipped_the_next_day(world: World, number: int) -> None:
    world.order(number)
    world.change("threepl", "shipments", lambda row: {"labeled_at": PLACED + minutes(300),
                 "shipped_at": PLACED + minutes(1500)}, shipment_id=f"H{number}")  # fmt: skip


@case(306)
def labelled_in_the_evening_and_shipped_after_midnight(world: World, number: int) -> None:
    world.order(number)
    # 21:00 and 00:30 in New York
    world.change("threepl", "shipments", lambda row: {"labeled_at": PLACED + minutes(960),
                 "shipped_at": PLACED + minutes(1170)}, shipment_id=f"H{number}")  # fmt: skip


def kit(world: World, sku: str) -> None:
    """An item that is made of one A-1 and two B-1, since ever."""
    world.item(sku, item_type="kit")
    for part, count in (("A-1", 1), ("B-1", 2)):
        world.add("erp", "item_components", erp=ERP, kit_item_id=f"I-{sku}", component_item_id=f"I-{part}",
                  valid_from=PLACED.date().replace(year=2020), quantity=Decimal(count))  # fmt: skip


@case(307, ("FUL-10@UPS 307", "open"))
def a_kit_without_a_part(world: World, number: int) -> None:
    kit(world, "K-1")
    world.order(number, sku="K-1")
    parcel(world, number, sku="A-1")


@case(308)
def a_whole_kit(world: World, number: int) -> None:
    kit(world, "K-2")
    world.order(number, sku="K-2")
    parcel(world, number, sku="A-1")
    world.add("threepl", "shipment_lines", partner=PARTNER, shipment_id=f"H{number}", line_number=2, sku="B-1",
              quantity=Decimal(2))  # fmt: skip


@case(309)
def a_parcel_counted_in_half_units_and_spelt_otherwise(world: World, number: int) -> None:
    world.order(number, units=2)
    world.add("erp", "item_aliases", erp=ERP, alias_id="halves", item_id="I-A-1", system=PARTNER, external_sku="A1HALF",
              unit_factor=Decimal("0.5"))  # fmt: skip
    parcel(world, number, sku="A1HALF", quantity=Decimal(4))


def stock(world: World, sku: str, here: int, shop: int, available: int | None = None) -> None:
    """Units of an item at EAST as the warehouse and as the shop says; `available` in the shop (None: all)."""
    world.item(sku)
    item = next(row for row in world.rows["shopify", "inventory_items"] if row["sku"] == sku)
    world.add("shopify", "inventory_levels", shop=SHOP, inventory_item_id=item["inventory_item_id"], location_id=EAST,
              is_active=True, on_hand_quantity=shop, available_quantity=shop if available is None else available,
              updated_at=PLACED)  # fmt: skip
    world.add("threepl", "inventory_snapshots", partner=PARTNER, snapshot_id="now", warehouse_code="E1", sku=sku,
              as_of=NOW, on_hand_quantity=Decimal(here), available_quantity=Decimal(here))  # fmt: skip


@case(320, also=("E1/SAME",))
def stock_that_agrees(world: World, number: int) -> None:
    stock(world, "SAME", 20, 20)


@case(321, ("INV-01@E1/MORE", "open"))
def units_that_nothing_explains(world: World, number: int) -> None:
    stock(world, "MORE", 20, 27, available=10)


@case(322, ("INV-02@E1/OVERSOLD", "open"))
def more_for_sale_than_there_is(world: World, number: int) -> None:
    stock(world, "OVERSOLD", 20, 20)
    world.change("threepl", "inventory_snapshots", {"available_quantity": Decimal(12)}, sku="OVERSOLD")


@case(323, ("INV-03@E1/UNSOLD", "open"))
def goods_that_are_not_for_sale(world: World, number: int) -> None:
    stock(world, "UNSOLD", 9, 0)


@case(324, ("INV-07@E1/LESS", "open"))
def less_than_nothing(world: World, number: int) -> None:
    stock(world, "LESS", -2, 3)


@case(326, ("INV-07@E1/OVER", "open"))
def less_than_nothing_in_every_system(world: World, number: int) -> None:
    stock(world, "OVER", -2, -2)


@case(329, also=("E1/MANY",))
def more_units_of_a_dear_thing_than_eighteen_digits_hold(world: World, number: int) -> None:
    stock(world, "MANY", 2_000_000, 2_000_000)
    world.change("erp", "items", {"cost_amount": Decimal(600)}, sku="MANY")
    world.add("erp", "item_aliases", erp=ERP, alias_id=f"AL{number}", item_id="I-MANY", system=PARTNER,
              external_sku="MANY", unit_factor=Decimal(1))  # fmt: skip
    world.add("erp", "inventory_balances", erp=ERP, item_id="I-MANY", location_id=f"L{EAST}", sku="MANY",
              on_hand_quantity=Decimal(2_000_000), available_quantity=Decimal(2_000_000),
              average_cost_amount=Decimal(600), value_amount=Decimal(1_200_000_000), as_of=NOW)  # fmt: skip


@case(325, ("FUL-01@UPS 325", "open"), also=("E1/GONE",))
def a_parcel_that_the_shop_does_not_know_explains_its_units(world: World, number: int) -> None:
    stock(world, "GONE", 15, 20, available=15)
    world.order(number, sku="GONE", units=5)
    world.drop("shopify", "fulfillments", order_id=number)
    world.drop("shopify", "fulfillment_lines", fulfillment_id=number)
