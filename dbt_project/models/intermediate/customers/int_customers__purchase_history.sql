-- The numbers that BG/NBD and Gamma-Gamma are fitted on, as of one day. A view: only the age moves with the day.
{{ config(materialized='view') }}

with totals as (
    select * from {{ ref('int_customers__purchase_totals') }}
    where orders_count > 0
),

final as (
    select
        totals.shop,
        totals.customer_id,
        as_of.as_of_date,
        totals.first_order_date,
        totals.last_order_date,
        totals.frequency,
        totals.recency_days,
        cast({{ days_between('totals.first_order_date', 'as_of.as_of_date') }} as bigint) as age_days,
        totals.monetary_value,
        totals.orders_count,
        totals.net_sales_amount,
        totals.net_sales_12m_amount,
        {{ reporting_currency() }} as currency
    from totals
    inner join {{ ref('int_shops__as_of') }} as as_of on totals.shop = as_of.shop
)

select * from final
