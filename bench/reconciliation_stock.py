"""Places, items and stock of the reconciled world: what no order changes, and what all of them together leave."""

from collections.abc import Mapping

from bench.raw_world import HISTORY_START, SHOPS

SKUS = 200
PLACES = 2
OPENING_UNITS = 500_000
SNAPSHOT_DAYS = 90
UNIT_COST = 4


def place_rows(erp: str, partners: Mapping[str, str]) -> dict[str, str]:
    """Warehouses of each shop that its partner runs, items, and every customer of the shops in the ERP."""
    places = " union all ".join(
        f"select '{shop}' as shop, '{partners[shop]}' as partner, '{zone}' as zone, "
        f"{10 * number + place} as location_id"
        for number, (shop, _, zone, _) in enumerate(SHOPS, start=1)
        for place in range(PLACES)
    )
    shops = " union all ".join(f"select '{shop}' as shop" for shop, *_ in SHOPS)
    numbers = f"range(0, {SKUS}) as numbers (i)"
    return {
        "raw_shopify.locations": f"""
            select
                shop, location_id, 'Place ' || location_id as name, true as is_active, true as fulfills_online_orders,
                true as ships_inventory
            from ({places})
        """,
        "raw_shopify.inventory_items": f"""
            select shop, i as inventory_item_id, 'SKU-' || i as sku, true as is_tracked from ({shops}), {numbers}
        """,
        "raw_shopify.variants": f"""
            select
                shop, i as variant_id, i as product_id, 'SKU-' || i as sku, '-' as title,
                {HISTORY_START} as created_at, i as inventory_item_id
            from ({shops}), {numbers}
        """,
        "raw_erp.locations": f"""
            select
                '{erp}' as erp, 'L' || location_id as location_id, 'Place ' || location_id as name,
                location_id::varchar as shopify_reference, partner, 'W' || location_id as warehouse_code,
                zone as time_zone
            from ({places})
        """,
        "raw_threepl.warehouses": f"""
            select
                partner, 'W' || location_id as warehouse_code, 'Place ' || location_id as name, zone,
                'file' as zone_source
            from ({places})
        """,
        "raw_erp.items": f"""
            select
                '{erp}' as erp, 'I-SKU-' || i as item_id, 'SKU-' || i as sku, 'SKU-' || i as name,
                'inventory' as item_type, 'B' || i as barcode, true as is_active, {UNIT_COST} as cost_amount,
                'USD' as cost_currency, {HISTORY_START} as updated_at
            from {numbers}
        """,
        "raw_erp.customers": f"""
            select
                '{erp}' as erp, 'C' || customer_id as customer_id, display_name as name,
                customer_id::varchar as shopify_reference, currency, true as is_active, {HISTORY_START} as updated_at
            from raw_shopify.customers
        """,
        "raw_erp.exchange_rates": f"""
            select
                '{erp}' as erp, 'EUR' as from_currency, 'USD' as to_currency, rate_date::date as rate_date, 1.1 as rate
            from range({HISTORY_START}::timestamp, timestamp '2027-01-01', interval 1 day) as days (rate_date)
        """,
        "raw_erp.gl_entries": f"""
            select
                '{erp}' as erp, 'O' || location_id || '-' || account as gl_entry_id, 'O' || location_id as document_id,
                'opening' as document_type, 'OPEN' || location_id as document_number,
                date '2025-01-01' as posting_date, '2025-01' as period, true as is_posted, false as is_manual,
                account as account_code, account as account_type,
                if(account = 'inventory', {SKUS * OPENING_UNITS * UNIT_COST}, 0) as debit_amount,
                if(account = 'other', {SKUS * OPENING_UNITS * UNIT_COST}, 0) as credit_amount, 'USD' as currency,
                'L' || location_id as location_id, {HISTORY_START} as created_at, {HISTORY_START} as updated_at
            from ({places}), (select unnest(['inventory', 'other']) as account)
        """,
    }


def stock_rows(erp: str, now: str, history_end: str) -> dict[str, str]:
    """A snapshot an hour before `now` and, if there is none yet, one a day before it; shop and ERP say the same."""
    units = f"{OPENING_UNITS} + coalesce(moved.quantity, 0)"
    stock = f"""
        select
            places.shop, places.location_id, warehouses.partner, warehouses.warehouse_code, items.sku,
            items.inventory_item_id, {units} as quantity
        from raw_threepl.warehouses as warehouses
        inner join raw_shopify.locations as places on warehouses.warehouse_code = 'W' || places.location_id
        inner join raw_shopify.inventory_items as items on places.shop = items.shop
        left join (
            select warehouse_code, sku, sum(quantity) as quantity
            from raw_threepl.movements group by warehouse_code, sku
        ) as moved on warehouses.warehouse_code = moved.warehouse_code and items.sku = moved.sku
    """
    return {
        "raw_threepl.inventory_snapshots": f"""
            with days as (
                select as_of from range({now} - interval {SNAPSHOT_DAYS} day, {now}, interval 1 day) as days (as_of)
                where not exists (select 1 from raw_threepl.inventory_snapshots)
                union all
                select {now} - interval 1 hour
            ),
            moved as (
                select
                    warehouse_code, sku, days.as_of, sum(quantity) as quantity
                from (
                    select
                        warehouse_code, sku, sum(quantity) as quantity,
                        (select min(as_of) from days where as_of >= occurred_at) as as_of
                    from raw_threepl.movements group by warehouse_code, sku, 4
                ) as daily inner join days on daily.as_of <= days.as_of
                group by warehouse_code, sku, days.as_of
            )
            select
                stock.partner, stock.warehouse_code, stock.sku, days.as_of::varchar as snapshot_id, days.as_of,
                {units} as on_hand_quantity, {units} as available_quantity, 0 as committed_quantity,
                'file' as zone_source
            from ({stock}) as stock
            cross join days
            left join moved
                on stock.warehouse_code = moved.warehouse_code and stock.sku = moved.sku and days.as_of = moved.as_of
        """,
        "raw_shopify.inventory_levels": f"""
            select
                shop, inventory_item_id, location_id, location_id * 1000 + inventory_item_id as inventory_level_id,
                true as is_active, {history_end} as updated_at, quantity as available_quantity,
                quantity as on_hand_quantity
            from ({stock})
        """,
        "raw_erp.inventory_balances": f"""
            select
                '{erp}' as erp, 'I-' || sku as item_id, 'L' || stock.location_id as location_id, sku,
                quantity as on_hand_quantity, quantity as available_quantity, {UNIT_COST} as average_cost_amount,
                booked.amount / {SKUS} as value_amount, {now} as as_of
            from ({stock}) as stock
            inner join (
                select location_id, sum(debit_amount - credit_amount) as amount from raw_erp.gl_entries
                where account_type = 'inventory' group by location_id
            ) as booked on booked.location_id = 'L' || stock.location_id
        """,
    }
