{#-
    Joins of a row to the calendar of its connection, for `working_due`: the day on which its window begins to count
    whole days, and the working day on which it ends. A day off counts as the working day after it. Days are UTC's.
-#}
{% macro working_calendar(connection, since, minutes) -%}
    {%- set rest = minutes ~ ' - 1440 * ' ~ whole_days(minutes) -%}
    {%- set begun = business_date(add_minutes(since, rest), "'UTC'") -%}
    left join {{ ref('int_calendar__working_days') }} as begun
        on {{ connection }} = begun.connection and {{ begun }} = begun.date_day
    left join {{ ref('int_calendar__working_days') }} as ended
        on
            begun.connection = ended.connection
            and ended.is_working
            and begun.working_days_before + {{ whole_days(minutes) }} = ended.working_days_before
{%- endmacro %}

{#- When a window that counts working days is over, at the same time of the day; needs `working_calendar`. -#}
{% macro working_due(since, minutes) -%}
    {%- set whole = whole_days(minutes) -%}
    {%- set days_off = 'coalesce(' ~ days_between('begun.date_day', 'ended.date_day') ~ ', ' ~ whole ~ ') - ' ~ whole -%}
    {{ add_minutes(since, minutes ~ ' + cast(1440 * (' ~ days_off ~ ') as ' ~ dbt.type_bigint() ~ ')') }}
{%- endmacro %}

{% macro whole_days(minutes) -%}
    cast(floor({{ minutes }} / 1440) as {{ dbt.type_bigint() }})
{%- endmacro %}
