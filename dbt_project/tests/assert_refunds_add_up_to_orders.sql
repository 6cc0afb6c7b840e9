-- An order whose refunds do not come to the money that Shopify says was refunded. Warns: a refund that is still
-- pending at the payment provider is in one of them only.
{{ config(severity='warn') }}

with refunds_of_orders as (
    select
        shop,
        order_id,
        sum(refunded_amount) as refunded_amount
    from {{ ref('fct_refunds') }}
    group by shop, order_id
)

select
    orders.shop,
    orders.order_id,
    orders.order_name,
    orders.refunded_amount,
    refunds_of_orders.refunded_amount as sum_of_refunds_amount
from {{ ref('fct_orders') }} as orders
left join refunds_of_orders on orders.shop = refunds_of_orders.shop and orders.order_id = refunds_of_orders.order_id
where abs(orders.refunded_amount - coalesce(refunds_of_orders.refunded_amount, 0)) > 0.011
