-- One row an order that the ERP has: what shop and ERP say it came to, as it was sold, before refunds. Shipping is
-- before tax and discounts.
{{ config(materialized='view') }}

with orders as (
    select * from {{ ref('int_reconciliation__orders') }}
    where erp_live_orders_count = 1 and cancelled_at is null
),

resold as (
    select
        shop,
        order_id,
        sum(total_amount) as total_amount,
        sum(tax_amount) as tax_amount
    from {{ ref('int_reconciliation__resold_lines') }}
    group by shop, order_id
),

booked as (
    select
        erp,
        sales_order_id,
        count(*) as lines_count,
        sum(case when line_type = 'shipping' then 1 else 0 end) as shipping_lines_count,
        sum(case when line_type = 'tip' then 1 else 0 end) as tip_lines_count
    from {{ ref('stg_erp__sales_order_lines') }}
    group by erp, sales_order_id
),

other_units as (
    select
        shop,
        order_id
    from {{ ref('int_breaks__order_contents') }}
    where code = 'ORD-07'
),

final as (
    select
        orders.shop,
        orders.order_id,
        orders.erp,
        orders.sales_order_id,
        orders.currency,
        orders.presentment_currency,
        orders.erp_currency,
        orders.erp_exchange_rate,
        orders.erp_created_at,
        orders.erp_order_date,
        coalesce(resold.total_amount, orders.total_amount) as total_amount,
        coalesce(resold.tax_amount, orders.tax_amount, 0) as tax_amount,
        coalesce(orders.shipping_amount, 0) as shipping_amount,
        coalesce(orders.tip_amount, 0) as tip_amount,
        orders.erp_total_amount,
        orders.erp_tax_amount,
        orders.erp_shipping_amount,
        booked.lines_count,
        booked.shipping_lines_count,
        booked.tip_lines_count,
        orders.erp_total_amount - coalesce(resold.total_amount, orders.total_amount) as total_delta,
        coalesce(orders.erp_tax_amount, 0) - coalesce(resold.tax_amount, orders.tax_amount, 0) as tax_delta,
        -- a cent for each line, one unit of money at most
        case when booked.lines_count > 100 then 100 else booked.lines_count end as rounding_units
    from orders
    inner join booked on orders.erp = booked.erp and orders.sales_order_id = booked.sales_order_id
    left join resold on orders.shop = resold.shop and orders.order_id = resold.order_id
    where
        not exists (
            select 1
            from other_units
            where other_units.shop = orders.shop and other_units.order_id = orders.order_id
        )
)

select * from final
