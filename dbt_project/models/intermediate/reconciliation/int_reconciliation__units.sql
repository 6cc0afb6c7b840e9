-- Orders that were edited: units of each SKU as the shop sold them and as the sales order of the ERP has them, kits as
-- what they are made of on the day of the order.
{{ config(materialized='view') }}

with edited as (
    select
        shop,
        order_id,
        erp,
        sales_order_id
    from {{ ref('int_reconciliation__orders') }}
    where is_edited and sales_order_id is not null
),

sold as (
    select
        resold.shop,
        resold.order_id,
        lines.sku,
        sum(resold.quantity) as units
    from {{ ref('int_reconciliation__resold_lines') }} as resold
    inner join {{ ref('stg_shopify__order_lines') }} as lines
        on resold.shop = lines.shop and resold.order_line_id = lines.order_line_id
    where lines.sku is not null
    group by resold.shop, resold.order_id, lines.sku
),

edited_documents as (
    select
        'erp' as system,
        erp as connection,
        sales_order_id as external_order_id,
        shop,
        order_id
    from edited
),

{{ order_line_matches('edited_documents') }},

-- The line of the shop says what it is: an ERP books a SKU that it does not know on another item.
booked as (
    select
        shop,
        order_id,
        sku,
        sum(units) as units
    from line_matches
    where external_sku is not null
    group by shop, order_id, sku
),

final as (
    select
        edited.shop,
        edited.order_id,
        coalesce(sold.sku, booked.sku) as sku,
        coalesce(sold.units, 0) as sold_units,
        coalesce(booked.units, 0) as erp_units
    from sold
    full outer join booked on sold.shop = booked.shop and sold.order_id = booked.order_id and sold.sku = booked.sku
    inner join edited
        on edited.shop = coalesce(sold.shop, booked.shop) and edited.order_id = coalesce(sold.order_id, booked.order_id)
)

select * from final
