-- A person's customers in all shops, added up in the reporting currency.
{{ config(materialized='view') }}

with customers as (
    select * from {{ ref('dim_customers') }}
),

final as (
    select
        person_id,
        count(*) as customers_count,
        count(distinct shop) as shops_count,
        min(first_order_date) as first_order_date,
        max(last_order_date) as last_order_date,
        cast(sum(orders_count) as bigint) as orders_count,
        {{ money('sum(net_sales_reporting_amount)') }} as net_sales_reporting_amount,
        {{ money('sum(net_sales_12m_reporting_amount)') }} as net_sales_12m_reporting_amount,
        {{ reporting_currency() }} as reporting_currency
    from customers
    group by person_id
)

select * from final
