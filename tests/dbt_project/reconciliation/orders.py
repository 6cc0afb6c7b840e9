"""Cases about orders: what happened to one, and the breaks that must be told of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from tests.dbt_project.reconciliation.world import NOW, World, minutes

Told = set[tuple[str, str, str]]
Breaking = Callable[[World, int], None]


@dataclass(frozen=True)
class Case:
    """`make` writes rows; of all objects called one of `keys`, exactly `expected` (code, key, state) is told."""

    what: str
    make: Callable[[World], None]
    keys: set[str]
    expected: Told = field(default_factory=set)


CASES: list[Case] = []


def case(number: int, *told: tuple[str, str], also: tuple[str, ...] = ()) -> Callable[[Breaking], Breaking]:
    """Register a case about order `number`; `told` are (code, state) of it, `also` other keys that must stay silent."""

    def register(make: Breaking) -> Breaking:
        keys = {str(number), f"UPS {number}", f"ups{number}", str(number * 100), *also}
        expected = {(code.partition("@")[0], code.partition("@")[2] or str(number), state) for code, state in told}
        what = make.__name__.replace("_", " ")
        CASES.append(Case(what, lambda world: make(world, number), keys | {key for _, key, _ in expected}, expected))
        return make

    return register


@case(101)
def an_order_that_is_everywhere(world: World, number: int) -> None:
    world.order(number)


@case(102, ("ORD-01", "open"))
def an_order_the_erp_never_got(world: World, number: int) -> None:
    world.order(number)
    for table in ("sales_orders", "sales_order_lines", "fulfillments", "invoices", "payments"):
        world.drop("erp", table, sales_order_id=f"S{number}")
    world.drop("erp", "fulfillment_lines", fulfillment_id=f"F{number}")


@case(100, ("ORD-01", "open"))
def an_order_that_the_erp_deleted(world: World, number: int) -> None:
    world.order(number)
    world.add("erp", "deleted_records", erp="netsuite", record_type="sales_orders", record_id=f"S{number}",
              deleted_at=NOW)  # fmt: skip


@case(99, ("ORD-02", "open"))
def an_order_that_the_shop_deleted_after_the_import(world: World, number: int) -> None:
    # Deleted a week after it was placed; ERP and warehouse had it by then, and go on with it.
    world.order(number, at=NOW - timedelta(days=9))
    world.change("shopify", "orders", {"deleted_at": NOW - timedelta(days=2)}, order_id=number)


@case(98)
def an_order_that_the_shop_and_the_erp_deleted(world: World, number: int) -> None:
    world.order(number)
    world.change("shopify", "orders", {"deleted_at": NOW}, order_id=number)
    world.add("erp", "deleted_records", erp="netsuite", record_type="sales_orders", record_id=f"S{number}",
              deleted_at=NOW)  # fmt: skip


@case(103, ("ORD-01", "pending"))
def an_order_of_half_an_hour_ago(world: World, number: int) -> None:
    world.order(number, at=NOW - minutes(30), until="ready")
    world.drop("erp", "sales_orders", sales_order_id=f"S{number}")
    world.drop("erp", "sales_order_lines", sales_order_id=f"S{number}")
    world.drop("erp", "payments", sales_order_id=f"S{number}")


@case(104)
def an_order_that_the_erp_knows_by_its_name(world: World, number: int) -> None:
    world.order(number)
    world.change("erp", "sales_orders", {"shopify_reference": f"#{number}"}, sales_order_id=f"S{number}")
    world.change("threepl", "orders", {"order_reference": f"{number}"}, order_id=f"P{number}")


@case(105, ("ORD-02@99105", "open"))
def a_sales_order_of_no_order(world: World, number: int) -> None:
    world.order(number)
    copy = dict(next(row for row in world.rows["erp", "sales_orders"] if row["sales_order_id"] == f"S{number}"))
    world.add(
        "erp", "sales_orders", **copy | {"sales_order_id": "SX", "shopify_reference": f"gid://shopify/Order/99{number}"}
    )


@case(97, ("ORD-02@9997", "open"))
def two_sales_orders_of_the_same_missing_order(world: World, number: int) -> None:
    world.order(number)
    copy = dict(next(row for row in world.rows["erp", "sales_orders"] if row["sales_order_id"] == f"S{number}"))
    for document in ("SY", "SZ"):
        world.add("erp", "sales_orders", **copy | {"sales_order_id": document, "shopify_reference": f"#99{number}"})


@case(106, ("ORD-03", "open"))
def a_sales_order_twice(world: World, number: int) -> None:
    world.order(number)
    copy = dict(next(row for row in world.rows["erp", "sales_orders"] if row["sales_order_id"] == f"S{number}"))
    world.add("erp", "sales_orders", **copy | {"sales_order_id": "SD", "created_at": copy["created_at"] + minutes(5)})


@case(107)
def a_second_sales_order_that_was_cancelled(world: World, number: int) -> None:
    world.order(number)
    copy = dict(next(row for row in world.rows["erp", "sales_orders"] if row["sales_order_id"] == f"S{number}"))
    world.add("erp", "sales_orders", **copy | {"sales_order_id": "SC", "status": "cancelled"})


@case(108, ("ORD-04", "open"))
def a_paid_order_the_warehouse_never_got(world: World, number: int) -> None:
    world.order(number, until="ready")
    world.drop("threepl", "orders", order_id=f"P{number}")


@case(116)
def a_paid_order_that_the_shop_holds(world: World, number: int) -> None:
    world.order(number, until="ready")
    world.drop("threepl", "orders", order_id=f"P{number}")
    world.change("shopify", "fulfillment_orders", {"status": "ON_HOLD"}, order_id=number)


@case(109, ("ORD-05", "open"))
def a_cancelled_order_still_open_in_the_erp(world: World, number: int) -> None:
    world.order(number, until="ready")
    world.change("shopify", "orders", lambda row: {"cancelled_at": row["created_at"] + minutes(60)}, order_id=number)
    world.change("erp", "sales_orders", {"status": "pending_fulfillment"}, sales_order_id=f"S{number}")
    world.change("threepl", "orders", {"status": "cancelled"}, order_id=f"P{number}")


@case(110, ("ORD-06", "open"))
def a_cancelled_order_that_was_shipped(world: World, number: int) -> None:
    world.order(number)
    world.change("shopify", "orders", lambda row: {"cancelled_at": row["created_at"] + minutes(60)}, order_id=number)
    world.drop("shopify", "fulfillments", order_id=number)
    world.drop("shopify", "fulfillment_lines", fulfillment_id=number)
    world.drop("erp", "fulfillments", sales_order_id=f"S{number}")


@case(111, ("ORD-09", "open"))
def an_order_on_hold_at_the_warehouse(world: World, number: int) -> None:
    world.order(number, until="ready")
    world.change("threepl", "orders", {"status": "on_hold", "updated_at": NOW - minutes(3000)}, order_id=f"P{number}")


@case(112, ("FUL-01@UPS 112", "open"))
def a_parcel_the_shop_does_not_know(world: World, number: int) -> None:
    world.order(number)
    world.drop("shopify", "fulfillments", order_id=number)
    world.drop("shopify", "fulfillment_lines", fulfillment_id=number)


@case(113, ("FUL-02@ups113", "open"))
def a_fulfilment_without_a_parcel(world: World, number: int) -> None:
    world.order(number)
    world.drop("threepl", "shipments", shipment_id=f"H{number}")
    world.drop("threepl", "shipment_lines", shipment_id=f"H{number}")


@case(117, ("FUL-02@ups117", "open"), also=("118", "UPS 118"))
def two_fulfilments_of_one_tracking_number_without_a_parcel(world: World, number: int) -> None:
    for one in (number, number + 1):
        world.order(one)
        world.drop("threepl", "shipments", shipment_id=f"H{one}")
        world.drop("threepl", "shipment_lines", shipment_id=f"H{one}")
        world.change("shopify", "fulfillments", {"tracking_number": f"ups{number}"}, fulfillment_id=one)


@case(114, ("FUL-03@UPS 114", "open"))
def a_parcel_the_erp_does_not_know(world: World, number: int) -> None:
    world.order(number)
    world.drop("erp", "fulfillments", sales_order_id=f"S{number}")
    world.drop("erp", "fulfillment_lines", fulfillment_id=f"F{number}")


@case(115, ("FUL-08@UPS 115", "pending"))
def a_label_of_yesterday(world: World, number: int) -> None:
    world.order(number)
    world.change("threepl", "shipments", {"status": "labeled", "shipped_at": None, "labeled_at": NOW - minutes(1440)},
                 shipment_id=f"H{number}")  # fmt: skip
