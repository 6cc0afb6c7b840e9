-- Feeds that are in trouble now.
with problems as (
    select * from {{ ref('stg_ops__feed_problems') }}
    where cleared_at is null
),

final as (
    select
        code,
        connection as shop,
        {{ text("'feed'") }} as object_type,
        connection || '/' || feed as object_key,
        cast(null as bigint) as order_id,
        {{ text('null') }} as erp,
        {{ text('null') }} as partner,
        {{ text('null') }} as expected,
        max(message) as actual,
        {{ money_or_null(none) }} as delta,
        {{ text('null') }} as currency,
        {{ money_or_null(none) }} as money_at_risk_amount,
        min(detected_at) as since,
        {{ text('null') }} as explained_by,
        {{ evidence_of({'file': 'max(file)', 'problem_id': 'max(problem_id)'}) }} as evidence
    from problems
    group by code, connection, feed
)

select * from final
