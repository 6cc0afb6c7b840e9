"""Facts rebuilt order by order: after any change an increment holds the same rows as a build from nothing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.raw_world import add_orders, change_orders, create_world
from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.raw_tables import create_raw_tables

ORDERS = 120
# Not rebuilt, because they remember what raw tables forget: tiers once held, stock of past days. Or rebuilt without
# what only a next increment needs: whose an order was before, who is no customer any more. The views over these two,
# purchase days and purchase history, are compared.
MEMORIES = {
    "int_customers__vip_tiers",
    "fct_inventory_snapshots",
    "fct_breaks",
    "int_customers__purchases",
    "int_customers__purchase_totals",
}
# When a row was built, and what had been read by then.
BOOKKEEPING = ("built_at", "customers_read_until", "shops_read")
DAY_0, DAY_1, DAY_2, DAY_3 = (datetime(2026, 11, day, 6, tzinfo=UTC) for day in (20, 21, 22, 23))
FIRST_NEW = 1_000_000 + ORDERS
OF_ORDERS = ("orders", "order_lines", "order_line_discounts", "order_line_taxes", "refunds", "refund_lines")
BUILT = ("run", "--exclude", "path:models/staging")


def exported(warehouse: Path) -> Path:
    """All tables and views behind staging as Parquet files beside the warehouse, read in the warehouse itself."""
    folder = warehouse.with_suffix("")
    folder.mkdir()
    with opened(warehouse) as connection:
        found = connection.execute(
            "select table_schema, table_name, list(column_name) from information_schema.columns "
            "where table_catalog = current_database() and table_schema in ('intermediate', 'marts', 'syncs') "
            "group by table_schema, table_name"
        ).fetchall()
        for schema, name, columns in found:
            if name not in MEMORIES and not name.endswith("__changed_days"):
                compared = ", ".join(column for column in sorted(columns) if column not in BOOKKEEPING)
                file = folder / f"{schema}.{name}.parquet"
                connection.execute(f"copy (select {compared} from {schema}.{name}) to '{file}' (format parquet)")
    return folder


def differences(increment: Path, full: Path) -> dict[str, int]:
    """Rows that stand in one warehouse and not in the other, by table."""
    one, other = exported(increment), exported(full)
    names = sorted(file.name for file in other.iterdir())
    assert names == sorted(file.name for file in one.iterdir())
    assert len(names) > 20
    counted = {}
    with duckdb.connect(":memory:") as connection:
        for name in names:
            there, back = f"from '{one / name}'", f"from '{other / name}'"
            sql = f"select count(*) from (({there} except all {back}) union all ({back} except all {there}))"
            counted[name.removesuffix(".parquet")] = connection.execute(sql).fetchall()[0][0]
    return {name: rows for name, rows in counted.items() if rows}


def new_orders_of_which_some_are_late(connection: duckdb.DuckDBPyConnection) -> None:
    """New orders; those of one shop, and the ledger of the other, were extracted first and are still on their way."""
    add_orders(connection, ORDERS, ORDERS + 9, ORDERS, DAY_2)
    connection.execute("create schema late")
    late = {
        "sales_agreements": f"order_id >= {FIRST_NEW}",
        "sales": f"agreement_id >= {2 * FIRST_NEW}",
        **{table: f"order_id >= {FIRST_NEW} and shop = 'eu'" for table in OF_ORDERS},
    }
    for table, rows in late.items():
        connection.execute(
            f"create table late.{table} as select * replace (? as _extracted_at) from raw_shopify.{table} where {rows}",
            [DAY_1],
        )
        connection.execute(f"delete from raw_shopify.{table} where {rows}")


def late_rows_arrive(connection: duckdb.DuckDBPyConnection) -> None:
    for table in ("sales_agreements", "sales", *OF_ORDERS):
        connection.execute(f"insert into raw_shopify.{table} by name select * from late.{table}")
    connection.execute("drop schema late cascade")


def many_things_happen(connection: duckdb.DuckDBPyConnection) -> None:
    """A day in the life of two shops, each change extracted the way it arrives."""
    # returns of old orders
    change_orders(connection, 11, ORDERS, DAY_3)
    # a swept deletion: marked in place, never extracted again
    connection.execute("update raw_shopify.orders set deleted_at = ? where order_id = 1000005", [DAY_3])
    # an order edited: one line gone, with its discounts, taxes and sales
    for table in ("order_lines", "order_line_discounts", "order_line_taxes", "sales"):
        connection.execute(f"delete from raw_shopify.{table} where order_line_id = 73")
    connection.execute("update raw_shopify.orders set _extracted_at = ? where order_id = 1000007", [DAY_3])
    # customers merged: the order moves to another person
    connection.execute(
        "update raw_shopify.orders set customer_id = 2, _extracted_at = ? where order_id = 1000013", [DAY_3]
    )
    # a reversal moved to another day
    connection.execute(
        "update raw_shopify.sales_agreements set happened_at = happened_at + interval 3 day, _extracted_at = ? "
        "where agreement_type = 'RefundAgreement' and order_id = 1000024",
        [DAY_3],
    )
    # a dead letter replayed: one sale arrives alone
    connection.execute(
        "update raw_shopify.sales set tax_amount = tax_amount + 1, total_amount = total_amount + 1, _extracted_at = ? "
        "where sale_id = (select min(sale_id) from raw_shopify.sales where line_type = 'PRODUCT' and quantity > 0)",
        [DAY_3],
    )
    # a discount that arrives alone
    connection.execute(
        "update raw_shopify.order_line_discounts set allocated_amount = 0.5, _extracted_at = ? "
        "where order_line_id = 31",
        [DAY_3],
    )


@contextmanager
def opened(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def test_a_warehouse_first_built_of_nothing_is_filled_by_the_next_increment(tmp_path: Path) -> None:
    """Marks of empty tables are before everything, not after it."""
    warehouse, full = tmp_path / "increments.duckdb", tmp_path / "full.duckdb"
    with opened(warehouse) as connection:
        create_raw_tables(connection)
    run_dbt(tmp_path, warehouse, "build", "--resource-type", "model", "--resource-type", "seed")
    with opened(warehouse) as connection:
        connection.execute("drop schema raw_shopify cascade")
        create_world(connection, ORDERS, DAY_0)
    run_dbt(tmp_path, warehouse, *BUILT)
    shutil.copy(warehouse, full)
    run_dbt(tmp_path, full, *BUILT, "--full-refresh")
    assert differences(warehouse, full) == {}


def test_increments_equal_a_full_build_whatever_happened_to_the_orders(tmp_path: Path) -> None:
    """Entities and shops are extracted apart, so what is loaded late may carry an older extraction time."""
    warehouse, full = tmp_path / "increments.duckdb", tmp_path / "full.duckdb"
    with opened(warehouse) as connection:
        create_world(connection, ORDERS, DAY_0)
    run_dbt(tmp_path, warehouse, "build")
    with opened(warehouse) as connection:
        new_orders_of_which_some_are_late(connection)
    run_dbt(tmp_path, warehouse, *BUILT)
    with opened(warehouse) as connection:
        late_rows_arrive(connection)
        many_things_happen(connection)
    shutil.copy(warehouse, full)
    run_dbt(tmp_path, warehouse, *BUILT)
    run_dbt(tmp_path, full, *BUILT, "--full-refresh")

    assert differences(warehouse, full) == {}
    with opened(warehouse) as connection:
        counts = {
            fact: connection.execute(f"select count(*), count(distinct (shop, {key})) from marts.{fact}").fetchall()[0]
            for fact, key in {
                "fct_orders": "order_id",
                "fct_order_lines": "order_line_id",
                "fct_sales": "sale_id",
            }.items()
        }
        # one order deleted, one line edited away, nothing twice
        assert counts["fct_orders"] == (ORDERS + 9 - 1, ORDERS + 9 - 1)
        assert counts["fct_order_lines"] == (3 * (ORDERS + 9 - 1) - 1,) * 2
        assert counts["fct_sales"][0] == counts["fct_sales"][1]
