-- A view, because each of its three parts is a table of its own: customers as extracted, identities, scores.
{{ config(materialized='view') }}

with customers as (
    select * from {{ ref('stg_shopify__customers') }}
    where not is_deleted
),

identities as (
    select * from {{ ref('int_customers__identities') }}
),

scores as (
    select * from {{ ref('dim_customer_scores') }}
),

final as (
    select
        customers.shop,
        customers.customer_id,
        -- a customer who shares no contact is a person alone
        coalesce(identities.person_id, {{ customer_key('customers') }}) as person_id,
        customers.first_name,
        customers.last_name,
        customers.email,
        customers.phone,
        customers.has_verified_email,
        customers.email_consent,
        customers.sms_consent,
        -- after a redaction request Shopify keeps the orders and forgets the person
        coalesce(customers.email_consent = 'REDACTED', false)
        or coalesce(customers.sms_consent = 'REDACTED', false) as is_redacted,
        customers.account_state,
        customers.locale,
        customers.country_code,
        customers.province_code,
        customers.city,
        customers.tags,
        {{- merchant_columns('customers', 'customers') }}
        customers.created_at,
        scores.first_order_date,
        scores.last_order_date,
        coalesce(scores.orders_count, 0) as orders_count,
        coalesce(scores.net_sales_amount, 0) as net_sales_reporting_amount,
        coalesce(scores.net_sales_12m_amount, 0) as net_sales_12m_reporting_amount,
        {{ reporting_currency() }} as reporting_currency,
        scores.recency_score,
        scores.frequency_score,
        scores.monetary_score,
        coalesce(scores.rfm_group, 'prospects') as rfm_group,
        lower(customers.shopify_rfm_group) as shopify_rfm_group,
        coalesce(scores.vip_tier, 'none') as vip_tier,
        scores.vip_tier_since_date,
        coalesce(scores.churn_band, 'unknown') as churn_band,
        scores.p_alive,
        scores.expected_orders_90d,
        scores.expected_orders_365d,
        scores.expected_average_value_amount,
        scores.expected_value_90d_amount,
        scores.expected_value_365d_amount,
        case when scores.customer_id is null then 'no_purchase' else scores.score_reason end as score_reason,
        case when scores.customer_id is null then 'no_purchase' else scores.value_score_reason end as value_score_reason
    from customers
    left join identities on customers.shop = identities.shop and customers.customer_id = identities.customer_id
    left join scores on customers.shop = scores.shop and customers.customer_id = scores.customer_id
)

select * from final
