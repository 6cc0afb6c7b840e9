-- The customers of an experiment in cells of equal stratum and equal chance to be held out, metric by metric: sizes,
-- means and variances of those written to and of those held out, of whom enough days have been seen.
{% set metrics = {
    'orders': ('orders_count', "'orders'"),
    'net_sales': ('net_sales_reporting_amount', reporting_currency()),
    'retention': ('case when orders_count > 0 then 1 else 0 end', "'share of customers'"),
    'margin': ('gross_margin_reporting_amount', reporting_currency()),
} %}
{% set cell = 'sync, experiment, shop, metric, unit, stratum, control_share' %}
with outcomes as (
    select
        *,
        observed_days >= {{ var('lift_days') }} as is_observed
    from {{ ref('int_customers__holdout_outcomes') }}
),

measured as (
    {% for metric, (value, unit) in metrics.items() -%}
    select
        sync, experiment, shop, stratum, control_share, assigned_group, assigned_at, ended_at,
        is_observed, orders_count, orders_without_cost_count,
        '{{ metric }}' as metric,
        {{ unit }} as unit,
        case when is_observed then cast({{ value }} as {{ type_double() }}) end as outcome
    from outcomes
    {% if not loop.last -%}
    union all
    {% endif %}
    {%- endfor %}
),

final as (
    select
        {{ cell }},
        min(assigned_at) as began_at,
        max(ended_at) as ended_at,
        sum(case when ended_at is null then 1 else 0 end) as running_count,
        {% for group in ['treated', 'control'] -%}
        count(case when assigned_group = '{{ group }}' then outcome end) as {{ group }}_count,
        sum(case when assigned_group = '{{ group }}' and is_observed and orders_count > 0 then 1 else 0 end)
            as {{ group }}_buyers,
        avg(case when assigned_group = '{{ group }}' then outcome end) as {{ group }}_mean,
        var_samp(case when assigned_group = '{{ group }}' then outcome end) as {{ group }}_variance,
        {% endfor -%}
        sum(case when is_observed then orders_count end) as orders_count,
        sum(case when is_observed then orders_without_cost_count end) as orders_without_cost_count
    from measured
    group by {{ cell }}
)

select * from final
