"""Cases about items, bundles, places and prices of the ERP, and about what it still owes."""

from datetime import date
from decimal import Decimal

from tests.dbt_project.reconciliation.orders import case
from tests.dbt_project.reconciliation.world import ERP, PARTNER, PLACED, SHOP, World


def bundled(world: World, number: int, first: int, second: int) -> None:
    """An order of a bundle that the ERP makes of one part and two others, with so many units of each."""
    parts = f"P{number}-1", f"P{number}-2"
    for sku in parts:
        world.item(sku)
    world.item(f"K-{number}", item_type="kit")
    for sku, units in zip(parts, (1, 2), strict=True):
        world.add("erp", "item_components", erp=ERP, kit_item_id=f"I-K-{number}", component_item_id=f"I-{sku}",
                  valid_from=date(2020, 1, 1), quantity=Decimal(units))  # fmt: skip
    world.order(number, sku=parts[0], units=first, until="ready")
    line = next(row for row in world.rows["shopify", "order_lines"] if row["order_id"] == number)
    other = {"order_line_id": number * 10 + 1, "sku": parts[1], "quantity": second, "current_quantity": second}
    world.add("shopify", "order_lines", **line | other | {"unit_price_amount": Decimal(0)})
    world.change("shopify", "order_lines", {"line_item_group_id": number}, order_id=number)
    world.add("erp", "sales_order_lines", erp=ERP, line_id=f"S{number}-2", sales_order_id=f"S{number}", line_number=2,
              line_type="item", item_id=f"I-{parts[1]}", sku=parts[1], quantity=Decimal(second),
              net_amount=Decimal(0), unit_price_amount=Decimal(0))  # fmt: skip


@case(461, ("REF-03@K-461", "open"))
def a_bundle_that_is_sold_with_other_parts(world: World, number: int) -> None:
    bundled(world, number, 1, 1)


@case(462, also=("K-462",))
def two_of_a_bundle_are_twice_its_parts(world: World, number: int) -> None:
    bundled(world, number, 2, 4)


def packed(world: World, sku: str, until: date) -> None:
    """An item that the warehouse counted by the dozen until a day, and by the half dozen from the first of October."""
    world.item(sku)
    periods = ((12, date(2026, 1, 1), until), (6, date(2026, 10, 1), None))
    for place, (factor, first, last) in enumerate(periods):
        world.add("erp", "item_aliases", erp=ERP, alias_id=f"{sku}{place}", item_id=f"I-{sku}", system=PARTNER,
                  external_sku=f"{sku}-BOX", unit_factor=Decimal(factor), valid_from=first, valid_to=last)  # fmt: skip


@case(463, ("REF-04@TWICE-PACKED", "open"))
def two_unit_factors_at_a_time(world: World, number: int) -> None:
    packed(world, "TWICE-PACKED", date(2026, 10, 1))


@case(464, also=("REPACKED",))
def a_unit_factor_after_the_other(world: World, number: int) -> None:
    packed(world, "REPACKED", date(2026, 9, 30))


def place(world: World, number: int, reference: str | None) -> None:
    """A location of the ERP, and a place of the shop that it may name."""
    world.add("shopify", "locations", shop=SHOP, location_id=number, name="new", is_active=True)
    world.add("erp", "locations", erp=ERP, location_id=f"L{number}", name="new", shopify_reference=reference)


@case(465, ("REF-05@L465", "open"))
def a_location_that_names_no_place(world: World, number: int) -> None:
    place(world, number, None)


@case(466, also=("L466",))
def a_location_that_names_its_place_by_its_number(world: World, number: int) -> None:
    place(world, number, str(number))


def priced(world: World, sku: str, until: date) -> None:
    """Prices of an item: one until a day, the next from the first of October."""
    world.item(sku)
    world.add("erp", "price_lists", erp=ERP, price_list_id=f"PL-{sku}", name="base", currency="USD")
    for position, (first, last) in enumerate(((date(2026, 1, 1), until), (date(2026, 10, 1), None))):
        world.add("erp", "prices", erp=ERP, price_id=f"{sku}{position}", price_list_id=f"PL-{sku}",
                  item_id=f"I-{sku}", unit_price_amount=Decimal(9 + position), currency="USD",
                  minimum_quantity=Decimal(1), valid_from=first, valid_to=last)  # fmt: skip


@case(467, ("REF-07@WITH-A-HOLE", "open"))
def a_price_list_with_a_hole(world: World, number: int) -> None:
    priced(world, "WITH-A-HOLE", date(2026, 9, 28))


@case(468, ("REF-07@TWO-PRICES", "open"))
def two_prices_on_one_day(world: World, number: int) -> None:
    priced(world, "TWO-PRICES", date(2026, 10, 2))


@case(469, also=("REPRICED",))
def a_price_after_the_other(world: World, number: int) -> None:
    priced(world, "REPRICED", date(2026, 9, 30))


def card(world: World, number: int, balance: str, owed: str) -> None:
    """A gift card of the shop, touched two days ago, and what the ledger owes for it."""
    world.add("shopify", "gift_cards", shop=SHOP, gift_card_id=number, is_enabled=True, created_at=PLACED,
              updated_at=PLACED, initial_amount=Decimal(25), balance_amount=Decimal(balance),
              currency="USD")  # fmt: skip
    world.posted(f"D{number}", "invoice", f"GC{number}", ("receivable", owed), ("gift_card_liability", f"-{owed}"),
                 reference=str(number))  # fmt: skip


@case(471, ("GL-06", "open"))
def a_card_that_was_spent_and_is_still_owed(world: World, number: int) -> None:
    card(world, number, "5", "25")


@case(472)
def a_card_of_which_the_ledger_owes_a_cent_less(world: World, number: int) -> None:
    card(world, number, "25", "24.99")


@case(473, ("GL-07", "open"))
def a_deposit_that_was_never_applied_to_its_invoice(world: World, number: int) -> None:
    world.order(number)
    world.change("erp", "invoices", {"status": "open", "remaining_amount": Decimal(10)}, sales_order_id=f"S{number}")


@case(474)
def a_deposit_that_was_applied(world: World, number: int) -> None:
    world.order(number)
    world.change("erp", "invoices", {"remaining_amount": Decimal(0)}, sales_order_id=f"S{number}")
