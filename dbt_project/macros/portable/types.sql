{#-
    A decimal of so many digits, of which `scale` stand behind the point, rounded half away from zero. Never bare
    numeric, which has no places at all on Snowflake. BigQuery takes precision and scale in a table's columns only and
    refuses them in a cast, so there it is rounded; its NUMERIC holds nine places.
-#}
{% macro decimal(expression, precision, scale) -%}
    {{ return(adapter.dispatch('decimal', 'boomerang')(expression, precision, scale)) }}
{%- endmacro %}

{% macro default__decimal(expression, precision, scale) -%}
    cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{% macro bigquery__decimal(expression, precision, scale) -%}
    round(cast({{ expression }} as numeric), {{ scale }})
{%- endmacro %}

{#-
    What quantities are multiplied by (a cost, units of a pack or a kit): wider than it comes. DuckDB keeps the product
    of two decimals of 18 digits in 18 digits, of which twelve stand behind the point: 20,000 units at 60 would end the
    build.
-#}
{% macro factor(expression) -%}
    {{ decimal(expression, 28, 6) }}
{%- endmacro %}

{#- Money: four places, as everywhere in the warehouse. -#}
{% macro money(expression) -%}
    {{ decimal(expression, 18, 4) }}
{%- endmacro %}

{#- Text, as this warehouse calls it. -#}
{% macro text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}

{#- The type of an instant in UTC. -#}
{% macro type_instant() -%}
    {{ return(adapter.dispatch('type_instant', 'boomerang')()) }}
{%- endmacro %}

{% macro default__type_instant() -%}
    timestamp with time zone
{%- endmacro %}

{% macro snowflake__type_instant() -%}
    timestamp_tz
{%- endmacro %}

{% macro bigquery__type_instant() -%}
    timestamp
{%- endmacro %}

{#- A 64-bit float: dbt's type_float() is 32 bits on DuckDB. -#}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'boomerang')()) }}
{%- endmacro %}

{% macro default__type_double() -%}
    double
{%- endmacro %}

{% macro bigquery__type_double() -%}
    float64
{%- endmacro %}

{#- Shopify's global id of a numeric id: gid('Customer', 'customer_id') -> gid://shopify/Customer/1. -#}
{% macro gid(resource, id) -%}
    'gid://shopify/{{ resource }}/' || {{ text(id) }}
{%- endmacro %}

{#- A number as text, alike in all engines: up to six digits behind the point, and no zeros at their end. -#}
{% macro number_as_text(number) -%}
    {%- set digits = text(decimal(number, 28, 6)) -%}
    case when {{ digits }} like '%.%' then rtrim(rtrim({{ digits }}, '0'), '.') else {{ digits }} end
{%- endmacro %}

{#- An instant as text with all its digits, and back. -#}
{% macro instant_as_text(instant) -%}
    {{ return(adapter.dispatch('instant_as_text', 'boomerang')(instant)) }}
{%- endmacro %}

{% macro default__instant_as_text(instant) -%}
    {{ text(instant) }}
{%- endmacro %}

{% macro snowflake__instant_as_text(instant) -%}
    to_varchar(convert_timezone('UTC', {{ instant }}), 'YYYY-MM-DD HH24:MI:SS.FF9') || '+00:00'
{%- endmacro %}

{% macro as_instant(text_of_instant) -%}
    cast('{{ text_of_instant }}' as {{ type_instant() }})
{%- endmacro %}
