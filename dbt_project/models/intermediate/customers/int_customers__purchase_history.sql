-- The numbers that BG/NBD and Gamma-Gamma are fitted on, as of one day.
with purchase_days as (
    select
        days.*,
        as_of.as_of_date,
        {{ add_days('as_of.as_of_date', -365) }} as year_start_date
    from {{ ref('int_customers__purchase_days') }} as days
    inner join {{ ref('int_shops__as_of') }} as as_of on days.shop = as_of.shop
    where days.purchase_date <= as_of.as_of_date
),

by_customer as (
    select
        shop,
        customer_id,
        as_of_date,
        min(purchase_date) as first_order_date,
        max(purchase_date) as last_order_date,
        count(*) - 1 as frequency,
        sum(orders_count) as orders_count,
        sum(net_sales_amount) as net_sales_amount,
        min_by(net_sales_amount, purchase_date) as first_net_sales_amount,
        sum(case when purchase_date > year_start_date then net_sales_amount else 0 end) as net_sales_12m_amount
    from purchase_days
    group by shop, customer_id, as_of_date
),

final as (
    select
        shop,
        customer_id,
        as_of_date,
        first_order_date,
        last_order_date,
        frequency,
        cast({{ days_between('first_order_date', 'last_order_date') }} as bigint) as recency_days,
        cast({{ days_between('first_order_date', 'as_of_date') }} as bigint) as age_days,
        -- The first purchase says when a customer came, not what later purchases are worth.
        {{ money('coalesce(' ~ safe_divide('(net_sales_amount - first_net_sales_amount)', 'frequency') ~ ', 0)') }}
            as monetary_value,
        cast(orders_count as bigint) as orders_count,
        {{ money('net_sales_amount') }} as net_sales_amount,
        {{ money('net_sales_12m_amount') }} as net_sales_12m_amount,
        {{ reporting_currency() }} as currency
    from by_customer
)

select * from final
