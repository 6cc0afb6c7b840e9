{#-
    A table beside the model `this` that holds what is needed for one run. Temporary where the warehouse has temporary
    tables that outlive a statement; on BigQuery a table that ends by itself.
-#}
{% macro scratch_relation(suffix) -%}
    {{ return(adapter.dispatch('scratch_relation', 'boomerang')(this.identifier ~ '__' ~ suffix)) }}
{%- endmacro %}

{% macro default__scratch_relation(identifier) -%}
    {{ return(this.incorporate(path={'identifier': identifier}, type='table')) }}
{%- endmacro %}

{#- DuckDB keeps temporary tables in a schema of their own. -#}
{% macro duckdb__scratch_relation(identifier) -%}
    {{ return(identifier) }}
{%- endmacro %}


{#- The beginning of the statement that makes it from a query. -#}
{% macro create_scratch(relation) -%}
    {{ return(adapter.dispatch('create_scratch', 'boomerang')(relation)) }}
{%- endmacro %}

{% macro default__create_scratch(relation) -%}
    create or replace temporary table {{ relation }} as
{%- endmacro %}

{% macro bigquery__create_scratch(relation) -%}
    create or replace table {{ relation }}
    options (expiration_timestamp = timestamp_add(current_timestamp(), interval 12 hour)) as
{%- endmacro %}
