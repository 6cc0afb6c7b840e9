"""Whatever happens to two shops, in whatever order: an increment leaves the rows that a build from nothing leaves."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from bench.raw_world import add_orders, change_orders, create_world
from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.test_increments import BUILT, differences, opened

ORDERS = 80
FIRST = datetime(2026, 11, 20, 6, tzinfo=UTC)
Change = Callable[[duckdb.DuckDBPyConnection, Random, datetime], None]


def some_orders(connection: duckdb.DuckDBPyConnection, chance: Random, most: int) -> str:
    """The ids of a few orders, as a list for SQL."""
    found = connection.execute("select order_id from raw_shopify.orders order by 1").fetchall()
    return ", ".join(str(order) for (order,) in chance.sample(found, chance.randint(1, most)))


def orders_are_placed(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    """New orders, most of them some days after all others: the day on which customers are judged moves on."""
    last = connection.execute("select max(order_id) from raw_shopify.orders").fetchall()[0][0] - 1_000_000
    count, days = chance.randint(1, 6), chance.choice([0, 1, 30, 200, 400])
    add_orders(connection, last + 1, last + 1 + count, ORDERS, at)
    new = f"order_id > {1_000_000 + last}"
    connection.execute(f"update raw_shopify.orders set processed_at = processed_at + interval {days} day where {new}")
    connection.execute(
        f"update raw_shopify.sales_agreements set happened_at = happened_at + interval {days} day where {new}"
    )


def lines_are_returned(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    change_orders(connection, chance.randint(7, 30), ORDERS, at)


def orders_are_deleted(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    """A sweep marks them in place."""
    orders = some_orders(connection, chance, 6)
    connection.execute(f"update raw_shopify.orders set deleted_at = ? where order_id in ({orders})", [at])


def the_latest_orders_are_deleted(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    """The day on which customers are judged moves back."""
    connection.execute(
        "update raw_shopify.orders set deleted_at = ? where processed_at > (select quantile_disc(processed_at, 0.97) "
        "from raw_shopify.orders where deleted_at is null)",
        [at],
    )


def deleted_orders_are_back(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    connection.execute(
        "update raw_shopify.orders set deleted_at = null, _extracted_at = ? where deleted_at is not null", [at]
    )


def customers_are_merged(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    """Within a shop, all orders of one customer go to another, who may get them back one day."""
    shop = chance.choice(["us", "eu"])
    found = connection.execute("select customer_id from raw_shopify.customers where shop = ? order by 1", [shop])
    (gone,), (kept,) = chance.sample(found.fetchall(), 2)
    connection.execute(
        "update raw_shopify.orders set customer_id = ?, _extracted_at = ? where shop = ? and customer_id = ?",
        [kept, at, shop, gone],
    )


def orders_lose_their_customer(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    orders = some_orders(connection, chance, 4)
    connection.execute(
        f"update raw_shopify.orders set customer_id = null, _extracted_at = ? where order_id in ({orders})", [at]
    )


def orders_turn_out_to_be_tests(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    orders = some_orders(connection, chance, 3)
    connection.execute(
        f"update raw_shopify.orders set is_test = not is_test, _extracted_at = ? where order_id in ({orders})", [at]
    )


def orders_were_placed_on_another_day(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    orders, days = some_orders(connection, chance, 5), chance.randint(-300, 30)
    connection.execute(
        f"update raw_shopify.orders set processed_at = processed_at + interval ({days}) day, _extracted_at = ? "
        f"where order_id in ({orders})",
        [at],
    )


def a_ledger_is_corrected(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    """Sales that arrive alone, some of them taking all goods off their order."""
    orders = some_orders(connection, chance, 5)
    change = chance.choice(["total_amount = total_amount + 3, tax_amount = tax_amount + 3", "line_type = 'GIFT_CARD'"])
    connection.execute(
        f"update raw_shopify.sales set {change}, _extracted_at = ? where line_type = 'PRODUCT' and agreement_id in "
        f"(select agreement_id from raw_shopify.sales_agreements where order_id in ({orders}))",
        [at],
    )


def customers_are_deleted(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    connection.execute(
        "update raw_shopify.customers set deleted_at = ? where customer_id % 13 = ?", [at, chance.randint(0, 12)]
    )


def contacts_are_changed(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    """Customers take over the address of another, or get a phone, or lose one of them."""
    another = "email = 'buyer' || (customer_id // 3) || '@example.com'"
    change = chance.choice([another, "phone = '+1 555 ' || customer_id % 4", "email = null"])
    connection.execute(
        f"update raw_shopify.customers set {change}, _extracted_at = ? where customer_id % 7 = ?",
        [at, chance.randint(0, 6)],
    )


def a_shop_moves_to_another_time_zone(connection: duckdb.DuckDBPyConnection, chance: Random, at: datetime) -> None:
    zone = chance.choice(["Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin"])
    connection.execute(
        "update raw_shopify.shops set iana_timezone = ?, _extracted_at = ? where shop = 'us'", [zone, at]
    )


CHANGES: list[Change] = [
    orders_are_placed,
    lines_are_returned,
    orders_are_deleted,
    the_latest_orders_are_deleted,
    deleted_orders_are_back,
    customers_are_merged,
    customers_are_merged,
    orders_lose_their_customer,
    orders_turn_out_to_be_tests,
    orders_were_placed_on_another_day,
    a_ledger_is_corrected,
    customers_are_deleted,
    contacts_are_changed,
    a_shop_moves_to_another_time_zone,
]


def increments_equal_a_full_build(folder: Path, seed: int, rounds: int) -> None:
    """Three to six changes a round, an increment behind each; every other one as of a day of the past."""
    chance = Random(seed)
    warehouse, full = folder / "increments.duckdb", folder / "full.duckdb"
    with opened(warehouse) as connection:
        create_world(connection, ORDERS, FIRST)
    run_dbt(folder, warehouse, "build", "--resource-type", "model", "--resource-type", "seed")
    told = []
    for number in range(1, rounds + 1):
        at = FIRST + timedelta(days=number)
        with opened(warehouse) as connection:
            for change in chance.sample(CHANGES, chance.randint(3, 6)):
                told.append(f"{number}: {change.__name__}")
                change(connection, chance, at)
        if number == rounds:
            shutil.copy(warehouse, full)
        past = {"as_of_date": "2025-12-24"} if number % 2 and number < rounds else {}
        run_dbt(folder, warehouse, *BUILT, "--vars", json.dumps(past))
    run_dbt(folder, full, *BUILT, "--full-refresh")
    assert differences(warehouse, full) == {}, told


def test_increments_equal_a_full_build_after_random_changes(tmp_path: Path) -> None:
    increments_equal_a_full_build(tmp_path, seed=7, rounds=3)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 106))
def test_increments_equal_a_full_build_after_many_random_changes(tmp_path: Path, seed: int) -> None:
    increments_equal_a_full_build(tmp_path, seed=seed, rounds=6)
