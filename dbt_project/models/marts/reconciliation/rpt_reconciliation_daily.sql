-- How well the systems agree, day by day of each shop. What one system alone knows, though no rule misses it elsewhere,
-- is not compared and does not count into the rate.
with breaks as (
    select
        breaks.shop,
        case
            when breaks.object_type in ('refund', 'payout') then breaks.object_type || 's'
            when breaks.object_type = 'sku_location' then 'inventory'
            else 'orders'
        end as object_type,
        case
            when breaks.object_type in ('refund', 'payout', 'sku_location') or breaks.order_id is null
                then breaks.object_key
            else {{ text('breaks.order_id') }}
        end as object_key,
        breaks.state,
        breaks.currency,
        coalesce(breaks.money_at_risk_amount, 0) as amount,
        case when breaks.code like 'AMT-%' or breaks.code like 'PAY-%' then breaks.delta else 0 end as delta_amount,
        {{ business_date('breaks.since', 'shops.iana_timezone') }} as since_date,
        {{ business_date('breaks.resolved_at', 'shops.iana_timezone') }} as resolved_date
    from {{ ref('fct_breaks') }} as breaks
    inner join {{ ref('stg_shopify__shops') }} as shops on breaks.shop = shops.shop
    where
        breaks.state != 'explained'
        and (breaks.order_id is not null or breaks.object_type in ('order', 'refund', 'payout', 'sku_location'))
),

-- Stock is counted every day: a break of it belongs to all days from its first to its last.
judged as (
    select
        objects.shop,
        objects.object_type,
        objects.object_key,
        objects.business_date,
        objects.currency,
        objects.amount,
        objects.state,
        max(case when breaks.state = 'pending' then 1 when breaks.state is not null then 2 end) as worst,
        sum(case when breaks.state = 'open' then breaks.delta_amount else 0 end) as delta_amount
    from {{ ref('int_reconciliation__objects') }} as objects
    left join breaks
        on
            objects.shop = breaks.shop
            and objects.object_type = breaks.object_type
            and objects.object_key = breaks.object_key
            and case
                when objects.object_type = 'inventory'
                    then
                        objects.business_date >= breaks.since_date
                        and (breaks.resolved_date is null or objects.business_date < breaks.resolved_date)
                else breaks.state != 'resolved'
            end
    group by
        objects.shop, objects.object_type, objects.object_key, objects.business_date, objects.currency, objects.amount,
        objects.state
    union all
    -- what the shop does not have, on the day on which another system had it
    select
        shop,
        object_type,
        object_key,
        min(since_date) as business_date,
        currency,
        max(amount) as amount,
        'uncompared' as state,
        max(case state when 'pending' then 1 else 2 end) as worst,
        sum(case when state = 'open' then delta_amount else 0 end) as delta_amount
    from breaks
    where
        state in ('open', 'pending') and currency is not null
        and not exists (
            select 1
            from {{ ref('int_reconciliation__objects') }} as objects
            where
                objects.shop = breaks.shop
                and objects.object_type = breaks.object_type
                and objects.object_key = breaks.object_key
        )
    group by shop, object_type, object_key, currency
),

stated as (
    select
        shop,
        object_type,
        business_date,
        currency,
        amount,
        delta_amount,
        case worst when 2 then 'broken' when 1 then 'pending' else state end as state_now
    from judged
),

summed as (
    select
        shop,
        business_date,
        object_type,
        currency,
        {% for state in ['matched', 'pending', 'broken', 'uncompared'] -%}
        sum(case when state_now = '{{ state }}' then 1 else 0 end) as {{ state }}_count,
        {{ money("sum(case when state_now = '" ~ state ~ "' then amount else 0 end)") }} as {{ state }}_amount,
        {% endfor -%}
        count(*) as objects_count,
        {{ money('sum(coalesce(delta_amount, 0))') }} as delta_amount
    from stated
    group by shop, business_date, object_type, currency
),

final as (
    select
        *,
        {{ share('matched_count', '(matched_count + broken_count)') }} as integrity_rate
    from summed
)

select * from final
