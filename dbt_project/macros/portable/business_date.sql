{#- The calendar day of an instant in a time zone (IANA name): a sale at 23:59 in New York belongs to that day there. -#}
{% macro business_date(instant, zone) -%}
    {{ return(adapter.dispatch('business_date', 'boomerang')(instant, zone)) }}
{%- endmacro %}

{% macro default__business_date(instant, zone) -%}
    cast(timezone({{ zone }}, {{ instant }}) as date)
{%- endmacro %}

{% macro snowflake__business_date(instant, zone) -%}
    cast(convert_timezone({{ zone }}, {{ instant }}) as date)
{%- endmacro %}

{% macro bigquery__business_date(instant, zone) -%}
    date({{ instant }}, {{ zone }})
{%- endmacro %}
