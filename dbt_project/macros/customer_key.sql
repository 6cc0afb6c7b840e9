{#- A customer of any shop as one text; what a person is named after. -#}
{% macro customer_key(rows) -%}
    {{ rows }}.shop || ':' || {{ text(rows ~ '.customer_id') }}
{%- endmacro %}
