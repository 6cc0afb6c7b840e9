-- Stock of a SKU at a place of the shop, as the shop says now.
{{ config(materialized='view') }}

with final as (
    select
        levels.shop,
        levels.location_id,
        items.sku,
        max(levels.updated_at) as updated_at,
        max(levels.extracted_at) as extracted_at,
        sum(levels.on_hand_quantity) as on_hand_quantity,
        sum(levels.available_quantity) as available_quantity
    from {{ ref('stg_shopify__inventory_levels') }} as levels
    inner join {{ ref('stg_shopify__inventory_items') }} as items
        on levels.shop = items.shop and levels.inventory_item_id = items.inventory_item_id
    where levels.is_active and items.is_tracked and items.sku is not null
    group by levels.shop, levels.location_id, items.sku
)

select * from final
