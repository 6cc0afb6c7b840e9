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

booked as (
    select
        edited.shop,
        edited.order_id,
        coalesce(shop_lines.sku, lines.sku) as sku,
        sum(abs(lines.quantity)) as units
    from edited
    inner join {{ ref('stg_erp__sales_order_lines') }} as lines
        on edited.erp = lines.erp and edited.sales_order_id = lines.sales_order_id
    -- the line it refers to says what it is: an ERP books a SKU that it does not know on another item
    left join {{ ref('stg_shopify__order_lines') }} as shop_lines
        on
            edited.shop = shop_lines.shop
            and edited.order_id = shop_lines.order_id
            and {{ reference('lines.shopify_line_reference', 'LineItem') }} = {{ text('shop_lines.order_line_id') }}
    where lines.line_type = 'item' and lines.sku is not null
    group by edited.shop, edited.order_id, coalesce(shop_lines.sku, lines.sku)
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
