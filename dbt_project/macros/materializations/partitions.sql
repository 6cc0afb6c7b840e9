{#- A DuckDB file has no partitions: the keys of dbt_project.yml are those of the other warehouses. -#}
{% macro duckdb__get_partitioned_by(relation, temporary) -%}
    {{ return(none) }}
{%- endmacro %}
