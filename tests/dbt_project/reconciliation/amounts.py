"""Cases about what an order came to."""

from decimal import Decimal

from tests.dbt_project.reconciliation.orders import case
from tests.dbt_project.reconciliation.world import ERP, PLACED, SHOP, World, minutes


def edited(world: World, number: int, sku: str = "B-1") -> None:
    """The order as the shop edited it: a second line of another SKU, one unit at 5."""
    agreement = number * 1000
    world.change("shopify", "orders", {"is_edited": True, "total_amount": Decimal(15)}, order_id=number)
    world.add("shopify", "order_lines", shop=SHOP, order_id=number, order_line_id=number * 10 + 1, sku=sku, quantity=1,
              current_quantity=1, unit_price_amount=Decimal(5))  # fmt: skip
    for place, (reason, line, amount) in enumerate((("ORDER", 0, 10), ("ORDER_EDIT", 1, 5))):
        world.add("shopify", "sales_agreements", shop=SHOP, agreement_id=agreement + place, order_id=number,
                  reason=reason,
                  happened_at=PLACED + minutes(place * 60))  # fmt: skip
        world.add("shopify", "sales", shop=SHOP, sale_id=agreement + place, agreement_id=agreement + place, quantity=1,
                  order_line_id=number * 10 + line, action_type="ORDER", line_type="PRODUCT",
                  total_amount=Decimal(amount), tax_amount=Decimal(0), discount_before_taxes_amount=Decimal(0),
                  discount_after_taxes_amount=Decimal(0))  # fmt: skip


@case(201, ("ORD-07", "open"))
def an_edit_that_the_erp_never_heard_of(world: World, number: int) -> None:
    world.order(number, until="ready")
    edited(world, number)


@case(202)
def an_edit_that_the_erp_has_too(world: World, number: int) -> None:
    world.order(number, until="ready")
    edited(world, number)
    world.change("erp", "sales_orders", {"total_amount": Decimal(15)}, sales_order_id=f"S{number}")
    world.add("erp", "sales_order_lines", erp=ERP, line_id=f"S{number}-2", sales_order_id=f"S{number}", line_number=2,
              line_type="item", item_id="I-B-1", sku="B-1", quantity=Decimal(1), net_amount=Decimal(5),
              unit_price_amount=Decimal(5))  # fmt: skip


@case(203, ("ORD-08", "open"))
def a_sales_order_of_somebody_else(world: World, number: int) -> None:
    world.order(number)
    world.change("erp", "customers", {"shopify_reference": "gid://shopify/Customer/5"}, customer_id=f"C{number}")


@case(204, ("TIM-02", "explained"))
def an_order_of_another_day_in_the_erp(world: World, number: int) -> None:
    world.order(number)
    world.change("erp", "sales_orders", lambda row: {"order_date": row["order_date"].replace(day=15)},
                 sales_order_id=f"S{number}")  # fmt: skip


@case(210)
def a_cent_of_rounding(world: World, number: int) -> None:
    world.order(number)
    world.change("erp", "sales_orders", {"total_amount": Decimal("10.01")}, sales_order_id=f"S{number}")


@case(211, ("AMT-01", "open"))
def a_total_that_differs(world: World, number: int) -> None:
    world.order(number)
    world.change("erp", "sales_orders", {"total_amount": Decimal("10.03")}, sales_order_id=f"S{number}")


@case(212, ("AMT-02", "open"))
def a_tax_that_differs(world: World, number: int) -> None:
    world.order(number)
    world.change("erp", "sales_orders", {"total_amount": Decimal(11), "tax_amount": Decimal(1)},
                 sales_order_id=f"S{number}")  # fmt: skip


@case(213, ("AMT-03", "open"))
def a_price_that_was_not_agreed(world: World, number: int) -> None:
    world.order(number)
    world.change("shopify", "orders", {"company_id": 7}, order_id=number)
    world.add("erp", "price_lists", erp=ERP, price_list_id=f"PL{number}", name="agreed", currency="USD",
              customer_id=f"C{number}")  # fmt: skip
    world.add("erp", "prices", erp=ERP, price_id=f"PR{number}", price_list_id=f"PL{number}", item_id="I-A-1",
              unit_price_amount=Decimal(9), currency="USD", valid_from=PLACED.date())  # fmt: skip


@case(214, ("AMT-04", "open"))
def shipping_that_the_erp_has_as_something_else(world: World, number: int) -> None:
    world.order(number)
    world.change("shopify", "orders", {"shipping_amount": Decimal(4), "total_amount": Decimal(14)}, order_id=number)
    world.change("erp", "sales_orders", {"total_amount": Decimal(14)}, sales_order_id=f"S{number}")


@case(215, ("AMT-05", "open"))
def a_sales_order_in_the_currency_that_the_buyer_saw(world: World, number: int) -> None:
    world.order(number)
    world.change("shopify", "orders", {"presentment_currency": "CAD"}, order_id=number)
    world.change("erp", "sales_orders", {"currency": "CAD"}, sales_order_id=f"S{number}")


@case(216, ("AMT-06", "open"))
def a_gift_card_as_revenue(world: World, number: int) -> None:
    world.item(f"GC{number}", item_type="gift_card")
    world.order(number)
    world.add("erp", "invoice_lines", erp=ERP, line_id=f"V{number}-1", invoice_id=f"V{number}", line_type="item",
              item_id=f"I-GC{number}", quantity=Decimal(1), net_amount=Decimal(25),
              account_code="revenue-US")  # fmt: skip


@case(217, ("AMT-07", "open"))
def a_shipment_that_was_never_invoiced(world: World, number: int) -> None:
    world.order(number)
    world.drop("erp", "invoices", sales_order_id=f"S{number}")
    world.drop("erp", "gl_entries", document_id=f"V{number}")


@case(218, ("AMT-08", "open"))
def a_shipment_without_cost_of_goods(world: World, number: int) -> None:
    world.order(number)
    world.drop("erp", "gl_entries", document_id=f"F{number}")
