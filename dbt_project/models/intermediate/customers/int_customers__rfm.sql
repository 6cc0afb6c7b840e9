-- The purchase history with RFM digits and the group they make. See the docs block `rfm`. A view: scores read it once.
{{ config(materialized='view') }}

with history as (
    select * from {{ ref('int_customers__purchase_history') }}
),

ranked as (
    select
        *,
        count(*) over (partition by shop) as customers,
        -- Equal customers share the lowest rank of their kind, so a digit never depends on chance.
        rank() over (partition by shop order by last_order_date) as recency_rank,
        rank() over (partition by shop order by orders_count) as frequency_rank,
        rank() over (partition by shop order by net_sales_amount) as monetary_rank
    from history
),

digits as (
    select
        *,
        {{ quintile('recency_rank', 'customers') }} as recency_score,
        {{ quintile('frequency_rank', 'customers') }} as frequency_score,
        {{ quintile('monetary_rank', 'customers') }} as monetary_score
    from ranked
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
