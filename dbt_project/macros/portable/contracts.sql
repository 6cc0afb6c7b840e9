{#-
    The columns of an enforced contract as an empty query, which dbt compares with the model's. dbt casts nulls to the
    declared types, and BigQuery refuses a precision in a cast; the columns of the table itself keep it.
-#}
{% macro bigquery__get_empty_schema_sql(columns) -%}
    select
    {%- for column in columns.values() %}
        cast(null as {{ column.data_type.split('(')[0] }}) as {{ column.name }}{{ ',' if not loop.last }}
    {%- endfor %}
    limit 0
{%- endmacro %}
