{#- Rows of a query, asked while a model is built, by lower-case name of the column: Snowflake says names in upper case. -#}
{% macro rows_of(query) -%}
    {%- set found = run_query(query) -%}
    {%- set names = found.column_names | map('lower') | list -%}
    {%- set rows = [] -%}
    {%- for row in found.rows -%}
        {%- do rows.append(dict(zip(names, row.values()))) -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}
