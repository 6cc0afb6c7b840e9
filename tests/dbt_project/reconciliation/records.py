"""Cases about what came back, the ledger, and the records of the ERP."""

from datetime import timedelta
from decimal import Decimal

from tests.dbt_project.reconciliation.orders import case
from tests.dbt_project.reconciliation.world import EAST, ERP, NOW, PARTNER, PLACED, SHOP, World, minutes

BACK = PLACED + minutes(600)


def refunded(world: World, number: int, *, memos: int = 1, restocked: bool = True) -> None:
    """An order whose one unit came back, was refunded, credited and restocked."""
    world.order(number)
    world.add("shopify", "refunds", shop=SHOP, refund_id=number * 7, order_id=number, return_id=number * 9,
              refunded_amount=Decimal(10), created_at=BACK, processed_at=BACK)  # fmt: skip
    world.add("shopify", "refund_lines", shop=SHOP, refund_id=number * 7, position=1, order_id=number,
              order_line_id=number * 10, location_id=EAST, restock_type="RETURN", is_restocked=restocked,
              quantity=1)  # fmt: skip
    world.add("shopify", "returns", shop=SHOP, return_id=number * 9, order_id=number, name=f"#{number}-R1",
              status="CLOSED", created_at=BACK - minutes(100), closed_at=BACK)  # fmt: skip
    world.add("threepl", "returns", partner=PARTNER, return_id=f"T{number}", rma_number=f"#{number}-R1",
              order_reference=str(number), warehouse_code="E1", status="completed", received_at=BACK - minutes(60),
              completed_at=BACK - minutes(30))  # fmt: skip
    world.add("threepl", "return_lines", partner=PARTNER, return_id=f"T{number}", line_number=1, sku="A-1",
              received_quantity=Decimal(1), processed_quantity=Decimal(1), disposition="restock")  # fmt: skip
    world.add("erp", "return_receipts", erp=ERP, return_receipt_line_id=f"R{number}", rma_number=f"#{number}-R1",
              shopify_return_reference=str(number * 9), sku="A-1", received_quantity=Decimal(1),
              restocked_quantity=Decimal(1), created_at=BACK + minutes(20))  # fmt: skip
    for place in range(memos):
        world.add("erp", "credit_memos", erp=ERP, credit_memo_id=f"CM{number}-{place}", number=f"CM{number}-{place}",
                  sales_order_id=f"S{number}", shopify_refund_reference=f"gid://shopify/Refund/{number * 7}",
                  created_at=BACK + minutes(30), status="applied", total_amount=Decimal(10))  # fmt: skip


def keys(number: int) -> tuple[str, ...]:
    """What refund and return are called."""
    return str(number * 7), str(number * 9)


@case(401, also=keys(401))
def goods_that_came_back_and_were_refunded(world: World, number: int) -> None:
    refunded(world, number)


@case(402, (f"RET-01@{402 * 7}", "pending"), also=keys(402))
def a_refund_whose_goods_are_still_awaited(world: World, number: int) -> None:
    refunded(world, number)
    world.drop("threepl", "returns", return_id=f"T{number}")
    world.drop("threepl", "return_lines", return_id=f"T{number}")


@case(403, (f"RET-04@{403 * 9}", "open"), also=keys(403))
def goods_thrown_away_and_for_sale_again(world: World, number: int) -> None:
    refunded(world, number)
    world.change("threepl", "return_lines", {"disposition": "dispose"}, return_id=f"T{number}")


@case(404, (f"RET-05@{404 * 9}", "open"), also=keys(404))
def other_units_than_refunded(world: World, number: int) -> None:
    refunded(world, number)
    world.change("threepl", "return_lines", {"received_quantity": Decimal(2)}, return_id=f"T{number}")


@case(405, (f"RET-06@{405 * 7}", "open"), also=keys(405))
def a_refund_without_a_credit_memo(world: World, number: int) -> None:
    refunded(world, number, memos=0)


@case(406, (f"RET-06@{406 * 7}", "open"), also=keys(406))
def a_refund_with_two_credit_memos(world: World, number: int) -> None:
    refunded(world, number, memos=2)


@case(420, ("GL-02@JE420", "open"))
def a_document_that_does_not_balance(world: World, number: int) -> None:
    world.posted("D420", "journal", "JE420", ("bank", 10), ("revenue", -9))


@case(421, ("GL-03@JE421", "open"))
def an_entry_in_another_period(world: World, number: int) -> None:
    world.posted("D421", "journal", "JE421", ("bank", 10), ("revenue", -10), period="2026-12")


@case(422, ("GL-04@DEP422-2", "open"))
def a_deposit_booked_twice(world: World, number: int) -> None:
    for place, name in enumerate(("DEP422", "DEP422-2")):
        world.posted(f"D422{place}", "deposit", name, ("bank", 10), ("clearing", -10), reference="payout 422",
                     at=PLACED + minutes(place))  # fmt: skip


@case(423, ("GL-05@JE423", "open"))
def an_entry_by_hand(world: World, number: int) -> None:
    world.posted("D423", "journal", "JE423", ("receivable", 10), ("revenue", -10), is_manual=True)


@case(424, ("GL-01@JE424", "open"))
def money_that_stays_in_clearing(world: World, number: int) -> None:
    world.posted("D424", "journal", "JE424", ("clearing", 10), ("revenue", -10), at=NOW - timedelta(days=8))


@case(440, ("REF-01@NEW-440", "open"))
def a_sku_that_the_erp_does_not_know(world: World, number: int) -> None:
    world.add("shopify", "variants", shop=SHOP, variant_id=number, sku="NEW-440", created_at=PLACED)


@case(441, ("REF-02@TWIN-441B", "open"))
def a_barcode_of_two_items(world: World, number: int) -> None:
    for sku in ("TWIN-441A", "TWIN-441B"):
        world.item(sku, barcode="B441", updated_at=PLACED)


@case(442, ("REF-08@FREE-442", "open"))
def an_item_without_a_cost(world: World, number: int) -> None:
    world.item("FREE-442", cost_amount=None, cost_currency=None, updated_at=PLACED)


@case(443, ("REF-06@C443-2", "open"))
def a_customer_twice(world: World, number: int) -> None:
    world.order(number)
    world.add("erp", "customers", erp=ERP, customer_id=f"C{number}-2", name="again", is_active=True,
              shopify_reference=str(900 + number), updated_at=PLACED)  # fmt: skip
