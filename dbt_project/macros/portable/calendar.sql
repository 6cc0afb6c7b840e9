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
    dateadd(day, {{ days }}, {{ day }})
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
    date_trunc({{ day }}, month)
{%- endmacro %}
