"""A commerce world of any size in the raw tables, written by SQL alone: what models are measured on.

Orders have three lines, one transaction, one order agreement with a sale for each line and one for shipping; every
twelfth order has a line returned. Numbers follow from the order's number, so the same size is the same world.
"""

from datetime import datetime

import duckdb

from tests.dbt_project.raw_tables import contract_tables, create_raw_tables

LINES = 3
CUSTOMERS_PER_ORDER = 0.3
SHOPS = (("us", "USD", "America/New_York", False), ("eu", "EUR", "Europe/Berlin", True))
# Almost two years of history, whatever the size: twice the orders are twice as dense.
HISTORY_SECONDS = 680 * 86_400
HISTORY_START = "timestamptz '2025-01-01 00:00:00+00'"


def create_world(connection: duckdb.DuckDBPyConnection, orders: int, extracted_at: datetime) -> None:
    """Create all raw tables and fill those of orders, customers and shops; everything extracted at one instant."""
    create_raw_tables(connection)
    for number, (shop, currency, zone, taxes_included) in enumerate(SHOPS, start=1):
        _insert(
            connection,
            "shops",
            f"select '{shop}' as shop, {number} as shop_id, '{shop}' as name, '{shop}.example' as myshopify_domain, "
            f"'{zone}' as iana_timezone, '{currency}' as currency, {taxes_included} as taxes_included, "
            f"{HISTORY_START} as created_at, {HISTORY_START} as updated_at",
            extracted_at,
        )
    _insert(
        connection,
        "customers",
        f"""
        select
            case when i % 5 < 3 then 'us' else 'eu' end as shop, i + 1 as customer_id,
            {HISTORY_START} as created_at, {HISTORY_START} as updated_at, 'Customer ' || i as display_name,
            'ENABLED' as account_state, false as is_tax_exempt, true as has_verified_email, 0 as spent_amount,
            case when i % 5 < 3 then 'USD' else 'EUR' end as currency,
            'buyer' || (i - i % 50 + least(i % 50, 48)) || '@example.com' as email, 'SUBSCRIBED' as email_consent
        from range({_customers(orders)}) as numbers (i)
        """,
        extracted_at,
    )
    add_orders(connection, 0, orders, orders, extracted_at)


def add_orders(
    connection: duckdb.DuckDBPyConnection, first: int, last: int, history: int, extracted_at: datetime
) -> None:
    """Extract the orders numbered from `first` up to `last`; the first `history` of them fill the history."""
    connection.execute(
        f"""
        create or replace temporary table numbered as
        select
            i, 1000000 + i as order_id, i % {_customers(history)} + 1 as customer_id,
            case when i % {_customers(history)} % 5 < 3 then 'us' else 'eu' end as shop,
            {HISTORY_START} + to_seconds(least(i, {history}) * {HISTORY_SECONDS} // {history}) as placed_at,
            i % 12 = 0 as has_return
        from range({first}, {last}) as numbers (i)
        """
    )
    _fill_orders(connection, extracted_at, returned="has_return")


def change_orders(
    connection: duckdb.DuckDBPyConnection, every: int, history: int, extracted_at: datetime, first: int = 0
) -> None:
    """Extract one order in `every` again, from number `first` to the end of the history, each with a line returned."""
    connection.execute(
        f"""
        create or replace temporary table numbered as
        select
            i, 1000000 + i as order_id, i % {_customers(history)} + 1 as customer_id,
            case when i % {_customers(history)} % 5 < 3 then 'us' else 'eu' end as shop,
            {HISTORY_START} + to_seconds(i * {HISTORY_SECONDS} // {history}) as placed_at,
            true as has_return
        from range({first}, {history}, {every}) as numbers (i)
        """
    )
    changed = "exists (select 1 from numbered where numbered.order_id = {0}.order_id and numbered.shop = {0}.shop)"
    connection.execute(
        "delete from raw_shopify.sales where exists (select 1 from raw_shopify.sales_agreements as a join numbered "
        "using (shop, order_id) where a.shop = sales.shop and a.agreement_id = sales.agreement_id)"
    )
    for table in (
        "order_lines", "order_line_discounts", "order_line_taxes", "order_transactions", "refunds", "refund_lines",
        "sales_agreements", "orders",
    ):  # fmt: skip
        connection.execute(f"delete from raw_shopify.{table} where {changed.format(table)}")
    _fill_orders(connection, extracted_at, returned="has_return")


def extract_customers_of_orders(connection: duckdb.DuckDBPyConnection, extracted_at: datetime) -> None:
    """Extract those customers again, unchanged, whose orders were extracted at that instant."""
    connection.execute(
        "create or replace temporary table anew as select * replace (? as _extracted_at) from raw_shopify.customers "
        "where exists (select 1 from raw_shopify.orders as o where o._extracted_at = ? and o.shop = customers.shop "
        "and o.customer_id = customers.customer_id)",
        [extracted_at, extracted_at],
    )
    connection.execute(
        "delete from raw_shopify.customers where exists (select 1 from anew "
        "where anew.shop = customers.shop and anew.customer_id = customers.customer_id)"
    )
    connection.execute("insert into raw_shopify.customers select * from anew")


def _customers(orders: int) -> int:
    return max(10, int(orders * CUSTOMERS_PER_ORDER))


def _fill_orders(connection: duckdb.DuckDBPyConnection, extracted_at: datetime, returned: str) -> None:
    connection.execute(
        f"""
        create or replace temporary table priced as
        select
            numbered.*, line, 10 * i + line as line_id, 1 + (i + line) % 2 as quantity,
            (10 + (i * 7 + line * 13) % 90)::decimal(18, 4) as price,
            case when i % 3 = 0 then ((10 + (i * 7 + line * 13) % 90) * (1 + (i + line) % 2) * 0.1)::decimal(18, 4)
                else 0::decimal(18, 4) end as discount,
            (price * quantity - discount) as charged,
            case when shop = 'eu' then round(charged * 19 / 119, 2)::decimal(18, 4)
                else round(charged * 0.08, 2)::decimal(18, 4) end as tax,
            case when shop = 'eu' then charged else charged + tax end as total,
            {returned} and line = 1 as is_returned
        from numbered, range(1, {LINES + 1}) as lines (line)
        """
    )
    statements = {
        "orders": """
            select
                shop, order_id, any_value(customer_id) as customer_id, '#' || order_id as name,
                any_value(placed_at) as created_at, any_value(placed_at) as processed_at,
                any_value(placed_at) as updated_at, false as is_test, false as is_edited, 'web' as source_name,
                shop = 'eu' as taxes_included, if(shop = 'eu', 'EUR', 'USD') as currency, 'PAID' as financial_status,
                'FULFILLED' as fulfillment_status, sum(total) + 5 as original_total_amount,
                sum(total) + 5 as total_amount, sum(charged) as subtotal_amount, sum(discount) as discounts_amount,
                sum(tax) as tax_amount, 5 as shipping_amount,
                sum(if(is_returned, 0, total)) + 5 as current_total_amount,
                sum(if(is_returned, 0, charged)) as current_subtotal_amount,
                sum(if(is_returned, total, 0)) as refunded_amount, sum(total) + 5 as received_amount,
                sum(if(is_returned, 0, total)) + 5 as net_payment_amount, 0 as outstanding_amount
            from priced group by shop, order_id
        """,
        "order_lines": """
            select
                shop, line_id as order_line_id, order_id, 'SKU-' || line_id % 200 as sku, 'Product' as title,
                quantity, if(is_returned, 0, quantity) as current_quantity, false as is_gift_card,
                line_id % 200 as product_id, line_id % 200 as variant_id, price as unit_price_amount,
                price * quantity as original_total_amount, price * quantity as discounted_total_amount
            from priced
        """,
        "order_line_discounts": """
            select
                shop, line_id as order_line_id, 1 as position, order_id, discount as allocated_amount,
                0 as application_index, 'DiscountCodeApplication' as application_type
            from priced where discount > 0
        """,
        "order_line_taxes": """
            select shop, line_id as order_line_id, 1 as position, order_id, 'Tax' as title, tax as tax_amount
            from priced
        """,
        "order_transactions": """
            select
                shop, order_id as transaction_id, order_id, 'SALE' as kind, 'SUCCESS' as status, false as is_test,
                any_value(placed_at) as created_at, any_value(placed_at) as processed_at, sum(total) + 5 as amount
            from priced group by shop, order_id
        """,
        "refunds": """
            select
                shop, order_id as refund_id, order_id, placed_at as order_created_at,
                placed_at + interval 9 day as created_at, placed_at + interval 9 day as processed_at,
                placed_at + interval 9 day as updated_at, total as refunded_amount
            from priced where is_returned
        """,
        "refund_lines": """
            select
                shop, line_id as refund_line_id, order_id as refund_id, 1 as position, order_id,
                line_id as order_line_id, quantity, 'RETURN' as restock_type, true as is_restocked,
                price as price_amount, charged as subtotal_amount, tax as tax_amount
            from priced where is_returned
        """,
        "sales_agreements": """
            select
                shop, 2 * order_id as agreement_id, order_id, 'OrderAgreement' as agreement_type,
                placed_at as happened_at, 'ORDER' as reason, null as refund_id
            from numbered
            union all
            select
                shop, 2 * order_id + 1, order_id, 'RefundAgreement', placed_at + interval 9 day, 'REFUND', order_id
            from numbered where has_return
        """,
        "sales": """
            select
                shop, line_id * 2 as sale_id, 2 * order_id as agreement_id, 'ORDER' as action_type,
                'PRODUCT' as line_type, quantity, total as total_amount,
                if(shop = 'eu', discount * 100 / 119, discount)::decimal(18, 4) as discount_before_taxes_amount,
                discount as discount_after_taxes_amount, tax as tax_amount, line_id as order_line_id
            from priced
            union all
            select
                shop, line_id * 2 + 1, 2 * order_id + 1, 'RETURN', 'PRODUCT', -quantity, -total,
                -if(shop = 'eu', discount * 100 / 119, discount)::decimal(18, 4), -discount, -tax, line_id
            from priced where is_returned
            union all
            select shop, 20 * i, 2 * order_id, 'ORDER', 'SHIPPING', 1, 5, 0, 0, 0, null from numbered
        """,
    }
    for table, select in statements.items():
        _insert(connection, table, select, extracted_at)


def _insert(connection: duckdb.DuckDBPyConnection, table: str, select: str, extracted_at: datetime) -> None:
    assert any(table == described["name"] for described in contract_tables())
    connection.execute(
        f"insert into raw_shopify.{table} by name "
        f"select *, '{extracted_at.isoformat()}' as _window_id, ?::timestamptz as _extracted_at from ({select})",
        [extracted_at],
    )
