-- Customers by the month of their first purchase, and what they bought in each month since. A view: it is read
-- less often than built.
{{ config(materialized='view') }}

with purchase_days as (
    select days.*
    from {{ ref('int_customers__purchase_days') }} as days
    inner join {{ ref('int_shops__as_of') }} as as_of on days.shop = as_of.shop
    where days.purchase_date <= as_of.as_of_date
),

first_purchases as (
    select
        shop,
        customer_id,
        {{ month_start('first_order_date') }} as cohort_month
    from {{ ref('int_customers__purchase_history') }}
),

cohort_sizes as (
    select
        shop,
        cohort_month,
        count(*) as cohort_customers_count
    from first_purchases
    group by shop, cohort_month
),

activity as (
    select
        purchase_days.shop,
        first_purchases.cohort_month,
        {{ months_between_dates('first_purchases.cohort_month', 'purchase_days.purchase_date') }} as months_since_first,
        count(distinct purchase_days.customer_id) as active_customers_count,
        sum(purchase_days.orders_count) as orders_count,
        sum(purchase_days.net_sales_amount) as net_sales_amount
    from purchase_days
    inner join first_purchases
        on purchase_days.shop = first_purchases.shop and purchase_days.customer_id = first_purchases.customer_id
    group by purchase_days.shop, first_purchases.cohort_month, months_since_first
),

final as (
    select
        activity.shop,
        activity.cohort_month,
        cast(activity.months_since_first as bigint) as months_since_first,
        cohort_sizes.cohort_customers_count,
        activity.active_customers_count,
        cast(activity.orders_count as bigint) as orders_count,
        {{ money('activity.net_sales_amount') }} as net_sales_reporting_amount,
        {{ reporting_currency() }} as reporting_currency
    from activity
    inner join cohort_sizes
        on activity.shop = cohort_sizes.shop and activity.cohort_month = cohort_sizes.cohort_month
)

select * from final
