-- An order whose first agreement does not come to what the buyer was asked for at checkout. Warns: an order imported
-- with its refunds may have been agreed on once, after them.
{{ config(severity='warn') }}

with agreed as (
    select
        shop,
        order_id,
        sum(total_sales_amount + tips_amount + gift_card_sales_amount + unclassified_amount) as agreed_amount
    from {{ ref('fct_sales') }}
    where agreement_type = 'OrderAgreement'
    group by shop, order_id
)

select
    orders.shop,
    orders.order_id,
    orders.order_name,
    orders.original_total_amount,
    agreed.agreed_amount
from {{ ref('fct_orders') }} as orders
inner join agreed on orders.shop = agreed.shop and orders.order_id = agreed.order_id
where abs(orders.original_total_amount - agreed.agreed_amount) > 0.011
