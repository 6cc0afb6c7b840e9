{#-
    An amount at an exchange rate, to four places and rounded once, half away from zero. BigQuery's NUMERIC keeps nine
    places, and four times eight are twelve: it would round twice.
-#}
{% macro converted(amount, rate) -%}
    {{ return(adapter.dispatch('converted', 'boomerang')(amount, rate)) }}
{%- endmacro %}

{% macro default__converted(amount, rate) -%}
    {{ money(amount ~ ' * ' ~ rate) }}
{%- endmacro %}

{% macro bigquery__converted(amount, rate) -%}
    cast(round(cast({{ amount }} as bignumeric) * {{ rate }}, 4) as numeric)
{%- endmacro %}

{#-
    An amount divided by a count, to four places, half away from zero; null where the count is zero. The eight places in
    between make the halves exact: DuckDB divides in floating point, where 5.00005 may lie below itself.
-#}
{% macro amount_per(amount, count) -%}
    {{ money(decimal(amount ~ ' / nullif(' ~ count ~ ', 0)', 28, 8)) }}
{%- endmacro %}

{#- A part of a whole as a 64-bit float, null where the whole is zero. -#}
{% macro share(part, whole) -%}
    cast({{ part }} as {{ type_double() }}) / nullif(cast({{ whole }} as {{ type_double() }}), 0)
{%- endmacro %}
