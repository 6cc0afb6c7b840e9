"""Cases about returns: never refunded, not put back into stock, or exchanged."""

from datetime import timedelta
from decimal import Decimal

from tests.dbt_project.reconciliation.orders import case
from tests.dbt_project.reconciliation.records import keys, refunded
from tests.dbt_project.reconciliation.world import NOW, SHOP, World


def unrefunded(world: World, number: int, days: float) -> None:
    """Goods that the warehouse received so many days ago; their return is open, and nobody got money."""
    refunded(world, number, memos=0)
    world.drop("shopify", "refunds", order_id=number)
    world.drop("shopify", "refund_lines", order_id=number)
    world.change("shopify", "returns", {"status": "OPEN", "closed_at": None}, order_id=number)
    received = {"received_at": NOW - timedelta(days=days), "completed_at": NOW - timedelta(days=days)}
    world.change("threepl", "returns", received, return_id=f"T{number}")


@case(451, (f"RET-02@{451 * 9}", "open"), also=keys(451))
def goods_that_came_back_six_days_ago_and_were_not_refunded(world: World, number: int) -> None:
    unrefunded(world, number, 6)


@case(452, (f"RET-02@{452 * 9}", "pending"), also=keys(452))
def goods_that_came_back_yesterday_and_were_not_refunded(world: World, number: int) -> None:
    unrefunded(world, number, 1)


def exchanged(world: World, number: int) -> None:
    """A return that was closed without money: other goods went out instead."""
    unrefunded(world, number, 6)
    world.change("shopify", "returns", {"status": "CLOSED", "closed_at": NOW - timedelta(days=5)}, order_id=number)
    world.add("shopify", "exchange_lines", shop=SHOP, exchange_line_id=number, return_id=number * 9, quantity=1)


@case(453, also=keys(453))
def an_exchange_that_everybody_knows(world: World, number: int) -> None:
    exchanged(world, number)


@case(454, (f"RET-07@{454 * 9}", "open"), also=keys(454))
def an_exchange_that_the_erp_received_as_something_else(world: World, number: int) -> None:
    exchanged(world, number)
    world.change("erp", "return_receipts", {"shopify_return_reference": None}, return_receipt_line_id=f"R{number}")


@case(455, also=keys(455))
def an_exchange_that_is_not_closed_yet(world: World, number: int) -> None:
    exchanged(world, number)
    world.change("shopify", "returns", {"status": "OPEN", "closed_at": None}, order_id=number)
    world.drop("erp", "return_receipts", return_receipt_line_id=f"R{number}")


def left_aside(world: World, number: int, days: float) -> None:
    """Goods that the ERP received so many days ago and did not put back into stock."""
    refunded(world, number)
    world.change("erp", "return_receipts", {"restocked_quantity": Decimal(0), "created_at": NOW - timedelta(days=days)},
                 return_receipt_line_id=f"R{number}")  # fmt: skip


@case(456, (f"RET-03@{456 * 9}", "open"), also=keys(456))
def goods_that_the_erp_did_not_put_back_into_stock(world: World, number: int) -> None:
    left_aside(world, number, 6)


@case(457, (f"RET-03@{457 * 9}", "pending"), also=keys(457))
def goods_that_the_erp_received_yesterday(world: World, number: int) -> None:
    left_aside(world, number, 1)


@case(458, also=keys(458))
def goods_that_nobody_put_back_into_stock(world: World, number: int) -> None:
    refunded(world, number, restocked=False)
    world.change("threepl", "return_lines", {"disposition": "quarantine"}, return_id=f"T{number}")
    world.change("erp", "return_receipts", {"restocked_quantity": Decimal(0), "created_at": NOW - timedelta(days=6)},
                 return_receipt_line_id=f"R{number}")  # fmt: skip
