-- Shopify keeps no inventory history: what is not written down today is lost. A day is written again until it is over,
-- never afterwards, and a full refresh leaves the table alone.
{{ config(
    materialized='incremental',
    full_refresh=false,
    unique_key=['shop', 'inventory_item_id', 'location_id', 'snapshot_date']
) }}

with levels as (
    select * from {{ ref('stg_shopify__inventory_levels') }}
    where is_active
),

items as (
    select * from {{ ref('stg_shopify__inventory_items') }}
),

shops as (
    select * from {{ ref('stg_shopify__shops') }}
),

-- The state of all levels is as of the latest extraction of any of them.
snapshots as (
    select
        levels.shop,
        {{ business_date('max(levels.extracted_at)', 'shops.iana_timezone') }} as snapshot_date
    from levels
    inner join shops on levels.shop = shops.shop
    group by levels.shop, shops.iana_timezone
),

final as (
    select
        levels.shop,
        levels.inventory_item_id,
        levels.location_id,
        snapshots.snapshot_date,
        items.sku,
        levels.available_quantity,
        levels.on_hand_quantity,
        levels.committed_quantity,
        levels.incoming_quantity,
        levels.reserved_quantity,
        levels.damaged_quantity,
        levels.safety_stock_quantity,
        levels.quality_control_quantity,
        items.unit_cost_amount,
        items.unit_cost_currency,
        levels.updated_at as level_updated_at
    from levels
    inner join snapshots on levels.shop = snapshots.shop
    left join items on levels.shop = items.shop and levels.inventory_item_id = items.inventory_item_id
)

select * from final
