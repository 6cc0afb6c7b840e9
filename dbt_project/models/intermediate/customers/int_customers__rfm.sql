-- The purchase history with RFM digits and the group they make. See the docs block `rfm`.
{{ config(materialized='view') }}

with digits as (
    select
        history.*,
        {{ fifth_of('history.last_order_date', 'borders', 'recency') }} as recency_score,
        {{ fifth_of('history.orders_count', 'borders', 'frequency') }} as frequency_score,
        {{ fifth_of('history.net_sales_amount', 'borders', 'monetary') }} as monetary_score
    from {{ ref('int_customers__purchase_history') }} as history
    inner join {{ ref('int_customers__rfm_borders') }} as borders on history.shop = borders.shop
),

combined as (
    select
        *,
        -- (F + M) / 2, a half rounded up.
        cast(floor((frequency_score + monetary_score + 1) / 2.0) as bigint) as fm_score
    from digits
),

grouped as (
    select
        shop,
        customer_id,
        as_of_date,
        first_order_date,
        last_order_date,
        frequency,
        recency_days,
        age_days,
        monetary_value,
        orders_count,
        net_sales_amount,
        net_sales_12m_amount,
        currency,
        recency_score,
        frequency_score,
        monetary_score,
        fm_score,
        case
            when recency_score = 5 and fm_score >= 4 then 'champions'
            when recency_score >= 3 and fm_score >= 4 then 'loyal'
            when recency_score >= 4 and fm_score >= 2 then 'active'
            when recency_score = 5 then 'new'
            when recency_score = 4 then 'promising'
            when recency_score = 3 and fm_score = 3 then 'needs_attention'
            when recency_score = 3 then 'almost_lost'
            when fm_score = 5 then 'previously_loyal'
            when fm_score >= 3 then 'at_risk'
            else 'dormant'
        end as rfm_group
    from combined
)

select * from grouped
