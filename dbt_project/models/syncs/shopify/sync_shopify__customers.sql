-- What Shopify should carry on each customer. No column may change on a day on which nothing happened to the customer
-- except the scores themselves: each change is a write.
with customers as (
    select * from {{ ref('dim_customers') }}
    where orders_count > 0 and not is_redacted
),

final as (
    select
        shop,
        customer_id,
        vip_tier,
        churn_band,
        rfm_group,
        cast(p_alive as decimal(6, 4)) as p_alive,
        cast(expected_orders_90d as decimal(12, 4)) as expected_orders_90d,
        cast(expected_value_365d_amount as decimal(18, 2)) as expected_value_365d_amount,
        reporting_currency as currency
    from customers
)

select * from final
