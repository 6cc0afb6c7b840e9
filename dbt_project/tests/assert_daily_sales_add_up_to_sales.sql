-- Horizontal integrity: a shop whose daily report, ledger and orders do not come to the same net and total sales.
with sums as (
    select
        'daily report' as counted_in,
        shop,
        sum(net_sales_amount) as net_sales_amount,
        sum(total_sales_amount) as total_sales_amount
    from {{ ref('rpt_daily_sales') }}
    group by shop
    union all
    select
        'ledger' as counted_in,
        shop,
        sum(net_sales_amount) as net_sales_amount,
        sum(total_sales_amount) as total_sales_amount
    from {{ ref('fct_sales') }}
    group by shop
    union all
    select
        'orders' as counted_in,
        shop,
        coalesce(sum(net_sales_amount), 0) as net_sales_amount,
        coalesce(sum(total_sales_amount), 0) as total_sales_amount
    from {{ ref('fct_orders') }}
    where ledger_extracted_at is not null
    group by shop
)

select
    shop,
    min(net_sales_amount) as lowest_net_sales_amount,
    max(net_sales_amount) as highest_net_sales_amount
from sums
group by shop
having
    min(net_sales_amount) != max(net_sales_amount)
    or min(total_sales_amount) != max(total_sales_amount)
    or count(*) != 3
