-- Breaks with memory. A break is resolved when the data no longer show it, and stays as it is while a feed it rests on
-- is in trouble. What vanished before its window was over leaves no row.
{{ config(
    materialized='incremental',
    full_refresh=false,
    unique_key='break_id',
    post_hook="delete from {{ this }} where state = 'resolved' and opened_at is null"
) }}
{%- set of_candidate = candidate_columns() -%}
{%- set of_break = ['break_id', 'title', 'severity', 'owner', 'blame', 'systems', 'held_by', 'due_at'] %}
with candidates as (
    select
        code || ':' || shop || ':' || object_key as break_id,
        {{ of_candidate | join(', ') }}
    from {{ ref('int_breaks__candidates') }}
),

remembered as (
    {% if is_incremental() -%}
    select * from {{ this }}
    {%- else -%}
    select
        *,
        {{ text('null') }} as state,
        since as first_seen_at, since as last_seen_at, since as opened_at
    from candidates
    where false
    {%- endif %}
),

-- One row a break: as the data show it now, else as it was when they last did.
known as (
    select
        true as is_found,
        candidates.*
    from candidates
    union all
    select
        false as is_found,
        break_id,
        {{ of_candidate | join(', ') }}
    from remembered
    where
        state != 'resolved'
        and not exists (
            select 1
            from candidates
            where candidates.break_id = remembered.break_id
        )
),

judged as (
    select
        known.*,
        remembered.state as former_state,
        remembered.first_seen_at,
        remembered.last_seen_at,
        remembered.opened_at,
        gates.held_by,
        coalesce(gates.as_of, known.since) as as_of,
        {{ add_minutes('known.since', 'taxonomy.window_minutes') }} as due_at,
        case taxonomy.calendar when 'working' then {{ working_due('known.since', 'taxonomy.window_minutes') }} end
            as working_due_at,
        taxonomy.title,
        taxonomy.severity,
        taxonomy.owner,
        taxonomy.blame,
        taxonomy.systems
    from known
    inner join {{ ref('break_taxonomy') }} as taxonomy on known.code = taxonomy.code
    left join {{ ref('int_breaks__gates') }} as gates
        on
            known.code = gates.code
            and known.shop = gates.shop
            and coalesce(known.erp, '') = gates.erp
            and coalesce(known.partner, '') = gates.partner
    left join remembered on known.break_id = remembered.break_id
    {{ working_calendar('known.shop', 'known.since', 'taxonomy.window_minutes') }}
    where
        remembered.break_id is not null
        or (coalesce(gates.missing_feeds_count, 0) = 0 and known.since <= coalesce(gates.as_of, known.since))
),

stated as (
    select
        *,
        case
            when held_by is not null then coalesce(nullif(former_state, 'resolved'), 'pending')
            when not is_found then 'resolved'
            when explained_by is not null then 'explained'
            when as_of < due_at then 'pending'
            when as_of < working_due_at then 'explained'
            else 'open'
        end as state_now
    from judged
),

final as (
    select
        {% for column in of_break + of_candidate if column != 'explained_by' -%}
        stated.{{ column }},
        {% endfor -%}
        stated.state_now as state,
        case
            when stated.state_now = 'pending' then 'TIM-01'
            when stated.state_now = 'explained' then coalesce(stated.explained_by, 'TIM-05')
        end as explained_by,
        {{ reporting_currency() }} as reporting_currency,
        {{ converted('stated.money_at_risk_amount', 'rates.exchange_rate') }} as money_at_risk_reporting_amount,
        coalesce(stated.first_seen_at, stated.as_of) as first_seen_at,
        case when stated.is_found then stated.as_of else stated.last_seen_at end as last_seen_at,
        coalesce(stated.opened_at, case stated.state_now when 'open' then stated.as_of end) as opened_at,
        case when stated.state_now = 'resolved' then stated.as_of end as resolved_at,
        stated.as_of
    from stated
    left join {{ ref('int_exchange_rates__daily') }} as rates
        on stated.currency = rates.currency and rates.rate_date = {{ business_date('stated.since', "'UTC'") }}
)

select * from final
