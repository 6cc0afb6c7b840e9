-- Horizontal integrity: a shop whose cohorts and purchase days do not come to the same orders and net sales.
with cohorts as (
    select
        shop,
        sum(orders_count) as orders_count,
        sum(net_sales_reporting_amount) as net_sales_amount
    from {{ ref('rpt_customer_cohorts') }}
    group by shop
),

purchases as (
    select
        days.shop,
        sum(days.orders_count) as orders_count,
        sum(days.net_sales_amount) as net_sales_amount
    from {{ ref('int_customers__purchase_days') }} as days
    inner join {{ ref('int_shops__as_of') }} as as_of on days.shop = as_of.shop
    where days.purchase_date <= as_of.as_of_date
    group by days.shop
)

select
    purchases.shop,
    purchases.orders_count,
    cohorts.orders_count as orders_of_cohorts_count
from purchases
left join cohorts on purchases.shop = cohorts.shop
where
    purchases.orders_count is distinct from cohorts.orders_count
    or purchases.net_sales_amount is distinct from cohorts.net_sales_amount
