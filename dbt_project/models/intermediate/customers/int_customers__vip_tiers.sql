-- A tier is easy to keep and hard to lose, or customers near a threshold would be congratulated and demoted in turn.
-- The table is the memory of who holds what: it is never rebuilt, and a row is written only when a tier changes.
{{ config(
    materialized='incremental',
    full_refresh=false,
    unique_key=['shop', 'customer_id']
) }}

with history as (
    select * from {{ ref('int_customers__purchase_history') }}
),

held as (
    {% if is_incremental() -%}
    select
        shop,
        customer_id,
        vip_tier_rank
    from {{ this }}
    {%- else -%}
    select
        shop,
        customer_id,
        cast(null as bigint) as vip_tier_rank
    from history
    where false
    {%- endif %}
),

ranked as (
    select
        history.shop,
        history.customer_id,
        history.as_of_date,
        held.vip_tier_rank as held_rank,
        {{ vip_tier_rank('history.net_sales_12m_amount', 'history.age_days') }} as earned_rank,
        {{ vip_tier_rank('history.net_sales_12m_amount', 'history.age_days', var('vip_retention_share')) }}
            as retained_rank
    from history
    left join held on history.shop = held.shop and history.customer_id = held.customer_id
),

decided as (
    select
        shop,
        customer_id,
        as_of_date,
        held_rank,
        cast(greatest(earned_rank, least(coalesce(held_rank, 0), retained_rank)) as bigint) as vip_tier_rank
    from ranked
),

final as (
    select
        shop,
        customer_id,
        vip_tier_rank,
        {{ text(vip_tier_name('vip_tier_rank')) }} as vip_tier,
        as_of_date as vip_tier_since_date
    from decided
    where held_rank is null or held_rank != vip_tier_rank
)

select * from final
