{#-
    Schemas are named after their layer (staging, marts ...), on every target: a warehouse holds one platform. Where
    several share a database or project, the setting schema_prefix keeps their names apart.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name -%}
    {{ env_var('DBT_SCHEMA_PREFIX', '') ~ (custom_schema_name | trim) }}
    {%- else -%}
    {{ target.schema | trim }}
    {%- endif -%}
{%- endmacro %}
