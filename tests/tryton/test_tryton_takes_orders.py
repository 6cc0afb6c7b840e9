"""Tryton's Shopify connector, written by others, takes the orders of the sandbox for those of a shop."""

import sqlite3
from decimal import Decimal

from tests.tryton.importing import Imported, number


def sales(tryton: Imported) -> dict[str, tuple[str, Decimal | None]]:
    """Reference and total of each sale in Tryton's own tables, by the number of the shop's order."""
    with sqlite3.connect(f"file:{tryton.tryton.database}?mode=ro", uri=True) as connection:
        rows = connection.execute(
            "select web_id, reference, cast(total_amount_cache as varchar) from sale_sale"
        ).fetchall()
    return {web_id: (reference, Decimal(total) if total else None) for web_id, reference, total in rows}


def test_every_order_that_is_not_cancelled_is_a_sale_in_tryton(tryton: Imported) -> None:
    expected = {number(order["id"]): order["name"] for order in tryton.orders if order["cancelledAt"] is None}
    assert {web_id: reference for web_id, (reference, _) in sales(tryton).items()} == expected
    assert len(expected) > 20, "more than one page of the connector"


def test_totals_agree_to_the_cent(tryton: Imported) -> None:
    totals = {
        number(order["id"]): Decimal(order["currentTotalPriceSet"]["presentmentMoney"]["amount"])
        for order in tryton.orders
    }
    found = {web_id: total for web_id, (_, total) in sales(tryton).items() if total is not None}
    assert found == {web_id: totals[web_id] for web_id in found}


def test_the_connector_asked_no_other_host(tryton: Imported) -> None:
    assert tryton.front.refused == set()
    assert set(tryton.front.asked) == {"/admin/api/2024-10/graphql.json"}
