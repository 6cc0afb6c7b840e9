{#-
    Written between `as` and the parenthesis of a common table expression: on an increment it is computed first, and what
    reads it starts from its rows. DuckDB 2.0.0 otherwise builds one join's hash table from the output of another, and
    fails where that one looked up few rows for many ("dict-surviving join", its issue 24807): a table of changed orders
    against a history of a million. On a full build nothing is selective, and rows flow through.
-#}
{% macro computed_first() -%}
    {{ return(adapter.dispatch('computed_first', 'boomerang')()) }}
{%- endmacro %}

{% macro default__computed_first() -%}
    {{ return('') }}
{%- endmacro %}

{% macro duckdb__computed_first() -%}
    {{ return('materialized ' if is_incremental() else '') }}
{%- endmacro %}
