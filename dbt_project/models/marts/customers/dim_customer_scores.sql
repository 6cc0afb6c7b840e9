-- What the models say about each customer who bought; where a model has nothing to say, a null and the reason.
-- A view: most of it moves every day for every customer, and writing it down costs more than reading it several times.
{{ config(materialized='view') }}

with history as (
    select * from {{ ref('int_customers__rfm') }}
),

vip_tiers as (
    select * from {{ ref('int_customers__vip_tiers') }}
),

order_model as (
    select * from {{ ref('stg_scores__model_fits') }}
    where model_name = 'bg_nbd'
),

value_model as (
    select * from {{ ref('stg_scores__model_fits') }}
    where model_name = 'gamma_gamma'
),

purchase_cells as (
    select * from {{ ref('stg_scores__purchase_cells') }}
),

joined as (
    select
        history.*,
        vip_tiers.vip_tier,
        vip_tiers.vip_tier_since_date,
        purchase_cells.p_alive,
        purchase_cells.expected_orders_90d,
        purchase_cells.expected_orders_365d,
        {{ missing_score_reason('order_model', 'history.as_of_date') }} as score_reason,
        {{ missing_score_reason('value_model', 'history.as_of_date', 'value_model.q > 1') }} as value_score_reason,
        {{ expected_average_value('history.frequency', 'history.monetary_value', 'value_model') }}
            as expected_average_value
    from history
    left join vip_tiers on history.shop = vip_tiers.shop and history.customer_id = vip_tiers.customer_id
    left join order_model on history.shop = order_model.shop
    left join value_model on history.shop = value_model.shop
    left join purchase_cells
        on
            history.shop = purchase_cells.shop
            and history.frequency = purchase_cells.frequency
            and history.recency_days = purchase_cells.recency_days
            and history.age_days = purchase_cells.age_days
            and history.as_of_date = purchase_cells.as_of_date
),

final as (
    select
        shop,
        customer_id,
        as_of_date,
        first_order_date,
        last_order_date,
        orders_count,
        net_sales_amount,
        net_sales_12m_amount,
        recency_score,
        frequency_score,
        monetary_score,
        rfm_group,
        vip_tier,
        vip_tier_since_date,
        case when score_reason is null then p_alive end as p_alive,
        case when score_reason is null then expected_orders_90d end as expected_orders_90d,
        case when score_reason is null then expected_orders_365d end as expected_orders_365d,
        {{ churn_band() }} as churn_band,
        score_reason,
        {{ money('case when value_score_reason is null then expected_average_value end') }}
            as expected_average_value_amount,
        {{ money(
            'case when score_reason is null and value_score_reason is null'
            ~ ' then expected_orders_90d * expected_average_value end'
        ) }} as expected_value_90d_amount,
        {{ money(
            'case when score_reason is null and value_score_reason is null'
            ~ ' then expected_orders_365d * expected_average_value end'
        ) }} as expected_value_365d_amount,
        value_score_reason,
        currency
    from joined
)

select * from final
