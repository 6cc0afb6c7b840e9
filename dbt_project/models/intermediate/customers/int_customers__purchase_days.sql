-- A purchase is a business day on which a customer ordered goods: two orders on one day are one decision to buy.
-- Its value is what the orders of that day came to in the end, so later reversals belong to it. A view: what is asked
-- at every increment is asked of the purchases of few customers.
{{ config(materialized='view') }}

with purchases as (
    select
        shop,
        customer_id,
        purchase_date,
        count(*) as orders_count,
        sum(net_sales_amount) as net_sales_amount
    from {{ ref('int_customers__purchases') }}
    where is_current
    group by shop, customer_id, purchase_date
),

final as (
    select
        shop,
        customer_id,
        purchase_date,
        orders_count,
        {{ money('net_sales_amount') }} as net_sales_amount,
        {{ reporting_currency() }} as currency
    from purchases
)

select * from final
