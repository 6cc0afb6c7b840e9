"""ERP, warehouse partners and payments behind the orders of bench/raw_world.py, written by SQL alone.

Everything agrees but what is planted: of each thousand orders four have one break each, told by the number of the
order (PLANTED). Orders that were extracted again, and new ones, bring all their rows in the other systems with them;
goods and money of these move on the day of that extraction.
"""

import csv
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from bench.raw_world import HISTORY_SECONDS, HISTORY_START, SHOPS, add_orders, change_orders, create_world
from bench.reconciliation_documents import document_rows, line_rows
from bench.reconciliation_stock import place_rows, stock_rows
from tests.dbt_project.raw_tables import CONNECTIONS, all_tables

# Place of an order's number in its thousand, and what is missing or wrong there.
PLANTED = {1: "ORD-01", 2: "FUL-03", 3: "AMT-01", 4: "PAY-01"}
PARTNERS = {"us": "shipbob", "eu": "nordlager"}
ERP = "netsuite"
SEEDS = Path(__file__).parents[1] / "dbt_project" / "seeds"
# All that these orders have in a system, by the id of an order that is part of the record's own.
OF_ORDERS = {
    "raw_erp": {
        "sales_orders": "sales_order_id", "sales_order_lines": "sales_order_id", "fulfillments": "sales_order_id",
        "fulfillment_lines": "fulfillment_id", "invoices": "sales_order_id", "invoice_lines": "invoice_id",
        "payments": "sales_order_id", "credit_memos": "sales_order_id", "gl_entries": "document_id",
    },
    "raw_threepl": {
        "orders": "order_id", "order_lines": "order_id", "shipments": "order_id", "shipment_lines": "shipment_id",
        "returns": "return_id", "return_lines": "return_id",
    },
}  # fmt: skip


def create_systems(connection: duckdb.DuckDBPyConnection, orders: int, extracted_at: datetime) -> dict[str, int]:
    """Create all raw tables and fill them with so many orders; returns the planted breaks by code and state."""
    create_world(connection, orders, extracted_at)
    for table, select in place_rows(ERP, PARTNERS).items():
        insert(connection, table, select, extracted_at)
    _rows_of_orders(connection, extracted_at, is_first=True)
    return _planted(orders)


def extract_orders_again(
    connection: duckdb.DuckDBPyConnection, orders: int, changed: int, extracted_at: datetime, recent_days: int | None
) -> dict[str, int]:
    """Half as many new orders as `changed`, the other half changed ones with a line returned; as create_systems.

    The changed ones are of the last so many days of the history, or none: from all over it.
    """
    within = orders if recent_days is None else orders * recent_days * 86_400 // HISTORY_SECONDS
    every = max(1, round(2 * within / changed))
    change_orders(connection, every, orders, extracted_at, first=max(0, orders - every * (changed // 2)))
    add_orders(connection, orders, orders + changed // 2, orders, extracted_at)
    placed = extracted_at - timedelta(hours=20)
    is_new = f"_extracted_at = ? and order_id >= {1_000_000 + orders}"
    for table, instants in {
        "orders": ("created_at", "processed_at", "updated_at"),
        "order_transactions": ("created_at", "processed_at"),
        "sales_agreements": ("happened_at",),
    }.items():
        sets = ", ".join(f"{instant} = $1" for instant in instants)
        connection.execute(
            f"update raw_shopify.{table} set {sets} where {is_new.replace('?', '$2')}", [placed, extracted_at]
        )
    connection.execute(
        "create or replace temporary table anew as "
        "select order_id::varchar as id from raw_shopify.orders where _extracted_at = ?",
        [extracted_at],
    )
    for schema, tables in OF_ORDERS.items():
        for table, key in tables.items():
            connection.execute(f"delete from {schema}.{table} where substr({key}, 2) in (select id from anew)")
    for table in ("fulfillments", "fulfillment_orders"):
        connection.execute(f"delete from raw_shopify.{table} where order_id::varchar in (select id from anew)")
    connection.execute(
        "delete from raw_shopify.fulfillment_lines where fulfillment_id::varchar in (select id from anew)"
    )
    _rows_of_orders(connection, extracted_at, is_first=False)
    return _planted(orders + changed // 2)


def insert(connection: duckdb.DuckDBPyConnection, table: str, select: str, extracted_at: datetime) -> None:
    """Rows of a raw table, named as it is, `raw_erp.items`; what the select does not name is null."""
    connection.execute(
        f"insert into {table} by name "
        f"select *, '{extracted_at.isoformat()}' as _window_id, ?::timestamptz as _extracted_at from ({select})",
        [extracted_at],
    )


def _planted(orders: int) -> dict[str, int]:
    """How many breaks of each code and state: all windows are over."""
    return {f"{code} open": len(range(place, orders, 1000)) for place, code in PLANTED.items()}


def _rows_of_orders(connection: duckdb.DuckDBPyConnection, extracted_at: datetime, *, is_first: bool) -> None:
    """All rows behind the orders that were extracted at that instant, and stock and payouts as they are then."""
    zone, partner, number = (
        "case orders.shop " + " ".join(f"when '{shop}' then {value}" for shop, value in given) + " end"
        for given in (
            [(shop, f"'{zone}'") for shop, _, zone, _ in SHOPS],
            [(shop, f"'{name}'") for shop, name in PARTNERS.items()],
            [(shop, str(place)) for place, (shop, *_) in enumerate(SHOPS, start=1)],
        )
    )
    now = f"timestamptz '{extracted_at.isoformat()}'"
    moved = f"{now} - interval 15 hour" if not is_first else "orders.processed_at + interval 9 day"
    connection.execute(
        f"""
        create or replace temporary table handled as
        select
            orders.shop, orders.order_id, orders.order_id::varchar as id, orders.order_id - 1000000 as i,
            orders.customer_id, orders.currency, orders.processed_at as placed_at, orders.total_amount,
            orders.tax_amount, {number} * 10 + orders.order_id % 2 as location_id, {partner} as partner,
            {zone} as zone, (orders.order_id - 1000000) % 1000 as place,
            (orders.processed_at at time zone {zone})::date as order_date,
            if(orders.currency = 'EUR', 1.1, 1)::decimal(18, 8) as exchange_rate,
            refunds.refund_id, refunds.refunded_amount,
            case when refunds.refund_id is not null then coalesce(goods.occurred_at + interval 1 hour, {moved}) end
                as refunded_at
        from raw_shopify.orders as orders
        left join raw_shopify.refunds as refunds
            on orders.shop = refunds.shop and orders.order_id = refunds.order_id and refunds._extracted_at = $1
        left join raw_threepl.movements as goods on goods.movement_id = 'R' || orders.order_id
        where orders._extracted_at = $1
        """,
        [extracted_at],
    )
    connection.execute(
        """
        create or replace temporary table handled_lines as
        select
            handled.*, lines.order_line_id, lines.sku, lines.quantity, lines.unit_price_amount,
            lines.order_line_id % 10 as line_number, 'I-' || lines.sku as item_id, taxes.tax_amount as line_tax_amount,
            coalesce(discounts.allocated_amount, 0) as discount_amount
        from raw_shopify.order_lines as lines
        inner join handled on lines.shop = handled.shop and lines.order_id = handled.order_id
        left join raw_shopify.order_line_taxes as taxes
            on lines.shop = taxes.shop and lines.order_line_id = taxes.order_line_id
        left join raw_shopify.order_line_discounts as discounts
            on lines.shop = discounts.shop and lines.order_line_id = discounts.order_line_id
        """
    )
    for table, update in {
        "refunds": "created_at = handled.refunded_at, processed_at = handled.refunded_at",
        "refund_lines": "location_id = handled.location_id",
    }.items():
        connection.execute(
            f"update raw_shopify.{table} set {update} from handled "
            f"where {table}.shop = handled.shop and {table}.refund_id = handled.refund_id"
        )
    for table, select in {**document_rows(ERP, now, is_first=is_first), **line_rows(ERP)}.items():
        insert(connection, table, select, extracted_at)
    for table, select in stock_rows(ERP, now, f"{HISTORY_START} + interval '{HISTORY_SECONDS} seconds'").items():
        if table in ("raw_shopify.inventory_levels", "raw_erp.inventory_balances"):
            connection.execute(f"delete from {table}")
        insert(connection, table, select, extracted_at)
    _feeds_have_come(connection, extracted_at)


def _feeds_have_come(connection: duckdb.DuckDBPyConnection, extracted_at: datetime) -> None:
    """Every feed that a code rests on has been read until that instant."""
    with (SEEDS / "break_feeds.csv").open(encoding="utf-8", newline="") as file:
        feeds = {(row["system"], row["entity"]) for row in csv.DictReader(file)}
    connections = {"shopify": tuple(PARTNERS), "erp": (ERP,), "threepl": tuple(PARTNERS.values())}
    assert set(connections) == set(CONNECTIONS)
    connection.execute("delete from ops.extraction_windows")
    connection.executemany(
        "insert into ops.extraction_windows (window_id, shop, entity, mode, window_to, extracted_at, state) "
        "values (?, ?, ?, 'incremental', ?, ?, 'loaded')",
        [
            (f"{name}.{entity}", name, entity, extracted_at, extracted_at)
            for system, entity in sorted(feeds)
            for name in connections[system]
        ],
    )


def rows_by_table(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """How many rows the raw tables hold, those that have some."""
    counted = {
        name: connection.execute(f"select count(*) from {name}").fetchall()[0][0]
        for name in all_tables()
        if name.startswith("raw_")
    }
    return {name: count for name, count in counted.items() if count}
