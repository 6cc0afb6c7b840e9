{#-
    Views on DuckDB, replaced in one statement. The adapter swaps a view through a backup, seven statements each, which
    for a project of mostly views is most of what an increment does.
-#}
{% materialization view, adapter='duckdb' -%}
    {%- set built = create_or_replace_view() -%}
    {%- do adapter.commit() -%}
    {{ return(built) }}
{%- endmaterialization %}


{% macro duckdb__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced %}
    {{ get_assert_columns_equivalent(sql) }}
    {%- endif %}
    create or replace view {{ relation }} as (
        {{ sql }}
    )
{%- endmacro %}
