-- The last count of each SKU and warehouse on a business day of the shop.
{{ config(materialized='view') }}

with dated as (
    select
        snapshots.*,
        {{ business_date('snapshots.as_of', 'shops.iana_timezone') }} as business_date
    from {{ ref('int_inventory__snapshots') }} as snapshots
    inner join {{ ref('stg_shopify__shops') }} as shops on snapshots.shop = shops.shop
),

placed as (
    select
        *,
        row_number() over (
            partition by partner, warehouse_code, partner_sku, business_date
            order by as_of desc, extracted_at desc, snapshot_id desc
        ) as place
    from dated
),

final as (
    select
        partner,
        warehouse_code,
        sku,
        business_date,
        sum(on_hand_quantity) as on_hand_quantity
    from placed
    where place = 1
    group by partner, warehouse_code, sku, business_date
)

select * from final
