-- What Shopify should carry on each customer. Each change is a write, and scores move a little for everybody every day:
-- they are sent no finer than marketing can use, or every customer would be rewritten every night.
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
        {{ decimal('round(p_alive, 2)', 4, 2) }} as p_alive,
        {{ decimal('round(expected_orders_90d, 1)', 10, 1) }} as expected_orders_90d,
        {{ decimal('round(expected_value_365d_amount, 0)', 18, 2) }} as expected_value_365d_amount,
        reporting_currency as currency
    from customers
)

select * from final
