{#- The code of the reporting currency, as a text column. -#}
{% macro reporting_currency() -%}
    {{ text("'" ~ var('reporting_currency') ~ "'") }}
{%- endmacro %}
