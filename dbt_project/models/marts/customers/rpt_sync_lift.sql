-- What writing to customers brings: those written to against those held out, per customer since the assignment. The
-- groups are compared cell by cell, of equal stratum and equal chance to be held out, and the differences weighed by
-- the size of the cells; the interval is Welch's, 95 %, for groups of unequal size and spread.
{% set experiment = 'sync, experiment, shop, metric, unit' %}
with cells as (
    select * from {{ ref('int_customers__holdout_cells') }}
),

-- A cell in which a group has fewer than two customers says nothing of their spread, and is left out.
weighed as (
    select
        *,
        treated_variance / nullif(treated_count, 0) as treated_error,
        control_variance / nullif(control_count, 0) as control_error,
        {{ share('compared_count', 'sum(compared_count) over (partition by ' ~ experiment ~ ')') }} as weight
    from (
        select
            *,
            case when treated_count > 1 and control_count > 1 then treated_count + control_count end as compared_count
        from cells
    ) as counted
),

combined as (
    select
        {{ experiment }},
        min(began_at) as began_at,
        case when sum(running_count) = 0 then max(ended_at) end as ended_at,
        sum(orders_count) as orders_count,
        sum(orders_without_cost_count) as orders_without_cost_count,
        {% for group in ['treated', 'control'] -%}
        sum(case when weight is not null then {{ group }}_count else 0 end) as {{ group }}_customers_count,
        sum(case when weight is not null then {{ group }}_buyers else 0 end) as {{ group }}_buyers_count,
        sum(weight * {{ group }}_mean) as {{ group }}_mean,
        {% endfor -%}
        sum(weight * (treated_mean - control_mean)) as lift,
        sum(weight * weight * (treated_error + control_error)) as squared_error,
        -- degrees of freedom after Welch and Satterthwaite
        sum(weight * weight * weight * weight * (
            treated_error * treated_error / nullif(treated_count - 1, 0)
            + control_error * control_error / nullif(control_count - 1, 0)
        )) as squared_error_spread
    from weighed
    group by {{ experiment }}
),

tested as (
    select
        combined.*,
        sqrt(combined.squared_error) * student_t.quantile_975 as reach
    from combined
    left join {{ ref('student_t') }} as student_t
        on student_t.degrees_of_freedom = cast(greatest(least(floor(
            combined.squared_error * combined.squared_error / nullif(combined.squared_error_spread, 0)
        ), 200), 1) as bigint)
),

judged as (
    select
        *,
        case
            when least(treated_customers_count, control_customers_count) < {{ var('lift_min_customers') }}
                then
                    'compared: ' || {{ text('treated_customers_count') }} || ' customers written to and '
                    || {{ text('control_customers_count') }} || ' held out, each for {{ var("lift_days") }} days or '
                    || 'more; {{ var("lift_min_customers") }} of each are needed'
            when least(treated_buyers_count, control_buyers_count) < {{ var('lift_min_buyers') }}
                then
                    'bought: ' || {{ text('treated_buyers_count') }} || ' of the customers written to and '
                    || {{ text('control_buyers_count') }}
                    || ' of those held out; {{ var("lift_min_buyers") }} of each are needed'
            when metric = 'margin' and orders_without_cost_count > {{ var('lift_max_costless_share') }} * orders_count
                then
                    'the cost of ' || {{ text('orders_without_cost_count') }} || ' of ' || {{ text('orders_count') }}
                    || ' orders is not known'
            when reach is null then 'nothing differs between any two customers'
        end as lacking
    from tested
),

final as (
    select
        sync,
        experiment,
        shop,
        metric,
        case
            when lacking is not null then 'not enough data'
            when lift - reach > 0 then 'higher'
            when lift + reach < 0 then 'lower'
            else 'no difference shown'
        end as finding,
        lacking as why_not,
        unit,
        cast(treated_customers_count as bigint) as treated_customers_count,
        cast(control_customers_count as bigint) as control_customers_count,
        {{ decimal('treated_mean', 18, 6) }} as treated_mean,
        {{ decimal('control_mean', 18, 6) }} as control_mean,
        {{ decimal('case when lacking is null then lift end', 18, 6) }} as lift,
        {{ decimal('case when lacking is null then lift - reach end', 18, 6) }} as lift_low,
        {{ decimal('case when lacking is null then lift + reach end', 18, 6) }} as lift_high,
        {{ decimal('case when lacking is null then lift / nullif(control_mean, 0) end', 18, 6) }} as relative_lift,
        began_at,
        ended_at
    from judged
)

select * from final
