-- Vertical integrity: an order whose amounts are not the sums of its sales.
with sales_of_orders as (
    select
        shop,
        order_id,
        sum(gross_sales_amount) as gross_sales_amount,
        sum(net_sales_amount) as net_sales_amount,
        sum(total_sales_amount) as total_sales_amount
    from {{ ref('fct_sales') }}
    group by shop, order_id
)

select
    orders.shop,
    orders.order_id,
    orders.net_sales_amount,
    sales_of_orders.net_sales_amount as net_sales_of_ledger_amount
from sales_of_orders
left join {{ ref('fct_orders') }} as orders
    on sales_of_orders.shop = orders.shop and sales_of_orders.order_id = orders.order_id
where
    orders.order_id is null
    or orders.gross_sales_amount != sales_of_orders.gross_sales_amount
    or orders.net_sales_amount != sales_of_orders.net_sales_amount
    or orders.total_sales_amount != sales_of_orders.total_sales_amount
