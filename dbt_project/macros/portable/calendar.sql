{#- Whole days from one date to another; negative if the second is earlier. -#}
{% macro days_between(first_date, second_date) -%}
    {{ return(adapter.dispatch('days_between', 'boomerang')(first_date, second_date)) }}
{%- endmacro %}

{% macro default__days_between(first_date, second_date) -%}
    date_diff('day', {{ first_date }}, {{ second_date }})
{%- endmacro %}

{% macro snowflake__days_between(first_date, second_date) -%}
    datediff(day, {{ first_date }}, {{ second_date }})
{%- endmacro %}

{% macro bigquery__days_between(first_date, second_date) -%}
    date_diff({{ second_date }}, {{ first_date }}, day)
{%- endmacro %}

{#- Calendar months from one date to another, counted by the boundaries between them. -#}
{% macro months_between_dates(first_date, second_date) -%}
    {{ return(adapter.dispatch('months_between_dates', 'boomerang')(first_date, second_date)) }}
{%- endmacro %}

{% macro default__months_between_dates(first_date, second_date) -%}
    date_diff('month', {{ first_date }}, {{ second_date }})
{%- endmacro %}

{% macro snowflake__months_between_dates(first_date, second_date) -%}
    datediff(month, {{ first_date }}, {{ second_date }})
{%- endmacro %}

{% macro bigquery__months_between_dates(first_date, second_date) -%}
    date_diff({{ second_date }}, {{ first_date }}, month)
{%- endmacro %}

{#- A date moved by whole days, as a date. -#}
{% macro add_days(day, days) -%}
    {{ return(adapter.dispatch('add_days', 'boomerang')(day, days)) }}
{%- endmacro %}

{% macro default__add_days(day, days) -%}
    cast({{ day }} + cast({{ days }} as integer) as date)
{%- endmacro %}

{% macro snowflake__add_days(day, days) -%}
    cast(dateadd(day, {{ days }}, {{ day }}) as date)
{%- endmacro %}

{% macro bigquery__add_days(day, days) -%}
    date_add({{ day }}, interval {{ days }} day)
{%- endmacro %}

{#- The first day of a date's month, as a date. -#}
{% macro month_start(day) -%}
    {{ return(adapter.dispatch('month_start', 'boomerang')(day)) }}
{%- endmacro %}

{% macro default__month_start(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{% macro bigquery__month_start(day) -%}
    cast(date_trunc({{ day }}, month) as date)
{%- endmacro %}

{#-
    A query of all days from one up to and not including another, both written as YYYY-MM-DD: one column `date_day`.
    dbt's own date_spine asks the warehouse while it compiles, and joins powers of two.
-#}
{% macro days_from_until(first, until) -%}
    {{ return(adapter.dispatch('days_from_until', 'boomerang')(first, until)) }}
{%- endmacro %}

{% macro default__days_from_until(first, until) -%}
    select cast(days.instant as date) as date_day
    from range(date '{{ first }}', date '{{ until }}', interval 1 day) as days (instant)
{%- endmacro %}

{% macro snowflake__days_from_until(first, until) -%}
    {%- set day = modules.datetime.date.fromisoformat -%}
    select cast(dateadd(day, row_number() over (order by null) - 1, cast('{{ first }}' as date)) as date) as date_day
    from table(generator(rowcount => {{ (day(until) - day(first)).days }}))
{%- endmacro %}

{% macro bigquery__days_from_until(first, until) -%}
    {%- set last = modules.datetime.date.fromisoformat(until) - modules.datetime.timedelta(days=1) -%}
    select date_day
    from unnest(generate_date_array(cast('{{ first }}' as date), cast('{{ last }}' as date), interval 1 day)) as date_day
{%- endmacro %}

{#- An instant moved by minutes. -#}
{% macro add_minutes(instant, minutes) -%}
    {{ return(adapter.dispatch('add_minutes', 'boomerang')(instant, minutes)) }}
{%- endmacro %}

{% macro default__add_minutes(instant, minutes) -%}
    {{ instant }} + to_minutes(cast({{ minutes }} as integer))
{%- endmacro %}

{% macro snowflake__add_minutes(instant, minutes) -%}
    dateadd(minute, {{ minutes }}, {{ instant }})
{%- endmacro %}

{% macro bigquery__add_minutes(instant, minutes) -%}
    timestamp_add({{ instant }}, interval {{ minutes }} minute)
{%- endmacro %}

{#- Whole minutes from one instant to another, those begun not counted; negative if the second is earlier. -#}
{% macro minutes_between(first_instant, second_instant) -%}
    {{ return(adapter.dispatch('minutes_between', 'boomerang')(first_instant, second_instant)) }}
{%- endmacro %}

{% macro default__minutes_between(first_instant, second_instant) -%}
    date_sub('minute', {{ first_instant }}, {{ second_instant }})
{%- endmacro %}

{% macro snowflake__minutes_between(first_instant, second_instant) -%}
    cast(floor(datediff(second, {{ first_instant }}, {{ second_instant }}) / 60) as bigint)
{%- endmacro %}

{% macro bigquery__minutes_between(first_instant, second_instant) -%}
    cast(floor(timestamp_diff({{ second_instant }}, {{ first_instant }}, second) / 60) as int64)
{%- endmacro %}

{#- The later of two instants; the one that is known where only one is. -#}
{% macro later(one, other) -%}
    greatest(coalesce({{ one }}, {{ other }}), coalesce({{ other }}, {{ one }}))
{%- endmacro %}
