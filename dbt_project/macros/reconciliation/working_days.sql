{#- Saturdays up to and including a date, counted from a Monday long ago. -#}
{% macro saturdays_until(day) -%}
    floor(({{ days_between("cast('2001-01-01' as date)", day) }} + 2) / 7)
{%- endmacro %}

{#-
    When a window that counts working days is over: two days more for each weekend that it touches. Weekends are
    Saturday and Sunday by UTC, holidays are no weekends.
-#}
{% macro working_due(since, minutes) -%}
    {%- set first = business_date(since, "'UTC'") -%}
    {%- set last = business_date(add_minutes(since, minutes), "'UTC'") -%}
    {%- set weekends = saturdays_until(last) ~ ' - ' ~ saturdays_until(add_days(first, -1)) -%}
    {{ add_minutes(since, minutes ~ ' + cast(2880 * (' ~ weekends ~ ') as ' ~ dbt.type_bigint() ~ ')') }}
{%- endmacro %}
