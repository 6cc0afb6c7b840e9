"""Cases about documents of stock: counts, receipts, transfers, adjustments and what the ledger makes of them."""

from datetime import datetime, timedelta
from decimal import Decimal

from tests.dbt_project.reconciliation.orders import case
from tests.dbt_project.reconciliation.parcels import stock
from tests.dbt_project.reconciliation.world import EAST, ERP, NOW, PARTNER, STORE, WEST, World, minutes

YESTERDAY = NOW - timedelta(days=1)


def counted(world: World, sku: str, before: int, left: int, now: int) -> None:
    """A count of yesterday, what left since by the movements, and the count of now, with which the shop agrees."""
    stock(world, sku, now, now)
    world.add("threepl", "inventory_snapshots", partner=PARTNER, snapshot_id="yesterday", warehouse_code="E1", sku=sku,
              as_of=YESTERDAY, on_hand_quantity=Decimal(before), available_quantity=Decimal(before))  # fmt: skip
    for place, (at, units) in enumerate(((YESTERDAY - minutes(60), -1), (YESTERDAY + minutes(60), -left))):
        world.add("threepl", "movements", partner=PARTNER, movement_id=f"{sku}{place}", warehouse_code="E1", sku=sku,
                  kind="shipment", quantity=Decimal(units), occurred_at=at)  # fmt: skip


@case(501, ("INV-04@E1/DRIFT", "open"))
def a_count_that_the_movements_do_not_lead_to(world: World, number: int) -> None:
    counted(world, "DRIFT", before=20, left=2, now=17)


@case(502, also=("E1/STEADY",))
def a_count_that_the_movements_lead_to(world: World, number: int) -> None:
    counted(world, "STEADY", before=20, left=3, now=17)


def received(
    world: World, sku: str, units: int, *, expected: int = 10, booked: int | None = None, status: str = "completed",
    closed: datetime = NOW - timedelta(days=2), known: bool = True, seen: bool = True,
) -> None:  # fmt: skip
    """Goods that the warehouse received on a purchase order; `booked` are those in the ERP (None: no receipt).

    Those that are not `seen` the ERP received alone.
    """
    if known:
        world.item(sku)
    name = f"PO-{sku}"
    if seen:
        world.add("threepl", "receipts", partner=PARTNER, receipt_id=name, purchase_order_number=name,
                  warehouse_code="E1", status=status, received_at=closed - minutes(60), closed_at=closed)  # fmt: skip
        world.add("threepl", "receipt_lines", partner=PARTNER, receipt_id=name, sku=sku,
                  expected_quantity=Decimal(expected), received_quantity=Decimal(units))  # fmt: skip
    if booked is not None:
        world.add("erp", "purchase_receipts", erp=ERP, receipt_line_id=name, purchase_order_number=name, sku=sku,
                  item_id=f"I-{sku}", location_id=f"L{EAST}", received_quantity=Decimal(booked),
                  received_date=closed.date(), updated_at=closed)  # fmt: skip


@case(503, ("INV-05@E1/SHORT", "open"))
def a_closed_receipt_of_fewer_units_than_announced(world: World, number: int) -> None:
    received(world, "SHORT", 8, booked=8)


@case(504, also=("E1/UNLOADING",))
def a_receipt_that_is_still_being_unloaded(world: World, number: int) -> None:
    received(world, "UNLOADING", 8, booked=8, status="processing")


@case(505, ("INV-06@E1/UNBOOKED", "open"))
def goods_received_that_the_erp_never_booked(world: World, number: int) -> None:
    received(world, "UNBOOKED", 10)


@case(506, ("INV-06@E1/YOUNG", "pending"))
def goods_received_three_hours_ago(world: World, number: int) -> None:
    received(world, "YOUNG", 10, closed=NOW - minutes(180))


@case(507, also=("E1/STRANGE",))
def goods_received_of_a_sku_that_the_erp_does_not_know(world: World, number: int) -> None:
    received(world, "STRANGE", 10, known=False)


@case(523, ("INV-06@E1/GHOST", "open"))
def goods_in_the_erp_that_never_came_to_the_warehouse(world: World, number: int) -> None:
    received(world, "FIRST", 10, booked=10, closed=NOW - timedelta(days=9))
    received(world, "GHOST", 0, booked=10, seen=False)


@case(524, ("INV-06@E1/COMING", "pending"))
def goods_in_the_erp_since_three_hours(world: World, number: int) -> None:
    received(world, "COMING", 0, booked=10, seen=False, closed=NOW - minutes(180))


@case(525, also=("E1/BEFORE",))
def goods_that_the_erp_received_before_the_partner_s_book_began(world: World, number: int) -> None:
    received(world, "BEFORE", 0, booked=10, seen=False, closed=NOW - timedelta(days=30))


def transfer(world: World, number: int, **given: object) -> None:
    """A transfer of four units from EAST to the store, due three days ago."""
    row = {
        "erp": ERP, "transfer_line_id": f"T{number}", "number": f"TO-{number}", "sku": "A-1", "quantity": Decimal(4),
        "from_location_id": f"L{EAST}", "to_location_id": f"L{STORE}", "status": "in_transit",
        "received_quantity": Decimal(0), "due_date": (NOW - timedelta(days=3)).date(),
    }  # fmt: skip
    world.add("erp", "transfers", **row | given)


@case(508, ("INV-08@TO-508", "open"))
def a_transfer_that_did_not_arrive_in_time(world: World, number: int) -> None:
    transfer(world, number)


@case(509, also=("TO-509",))
def a_transfer_that_is_due_tomorrow(world: World, number: int) -> None:
    transfer(world, number, due_date=(NOW + timedelta(days=1)).date())


@case(510, also=("TO-510",))
def a_transfer_that_arrived_late(world: World, number: int) -> None:
    transfer(world, number, status="received", received_at=NOW - minutes(60), received_quantity=Decimal(4))


def valued(world: World, number: int, place: int, booked: float) -> None:
    """A place whose stock is worth 1,000, and the ledger's inventory of it."""
    world.add("erp", "inventory_balances", erp=ERP, item_id=f"I-{number}", location_id=f"L{place}", sku=f"W-{number}",
              on_hand_quantity=Decimal(10), value_amount=Decimal(1000), as_of=NOW)  # fmt: skip
    world.posted(f"D{number}", "journal", f"JE{number}", ("inventory", booked), ("other", -booked),
                 location_id=f"L{place}")  # fmt: skip


@case(511, (f"INV-09@L{WEST}", "open"))
def a_place_whose_stock_the_ledger_values_otherwise(world: World, number: int) -> None:
    valued(world, number, WEST, 998)


@case(512, also=(f"L{STORE}",))
def a_place_whose_stock_the_ledger_values_almost_alike(world: World, number: int) -> None:
    valued(world, number, STORE, 999.5)


def adjusted(world: World, sku: str, in_erp: int | None) -> None:
    """Two units that the warehouse wrote off two days ago, and what the ERP adjusted."""
    world.item(sku)
    world.add("threepl", "movements", partner=PARTNER, movement_id=f"ADJ-{sku}", warehouse_code="E1", sku=sku,
              kind="adjustment", quantity=Decimal(-2), occurred_at=NOW - timedelta(days=2))  # fmt: skip
    if in_erp is not None:
        world.add("erp", "inventory_adjustments", erp=ERP, adjustment_line_id=f"ADJ-{sku}", number=f"ADJ-{sku}",
                  sku=sku, location_id=f"L{EAST}", quantity=Decimal(in_erp))  # fmt: skip


@case(513, ("INV-10@E1/LOST", "open"))
def an_adjustment_that_the_erp_does_not_know(world: World, number: int) -> None:
    adjusted(world, "LOST", None)


@case(514, ("INV-10@E1/LOST-TWO", "open"))
def an_adjustment_that_the_erp_has_of_other_units(world: World, number: int) -> None:
    adjusted(world, "LOST-TWO", -1)


@case(515, also=("E1/WRITTEN-OFF",))
def an_adjustment_that_both_know(world: World, number: int) -> None:
    adjusted(world, "WRITTEN-OFF", -2)
