{#-
    What tables built from other tables of the warehouse keep of their progress. Facts read raw rows and have a mark for
    each extracted entity (changed_orders.sql); behind them one instant says it all: when a row was built.
-#}

{#- The instant at which this invocation of dbt began, which every row it writes carries: it rises from run to run. -#}
{% macro built_now() -%}
    {{ as_instant(run_started_at) }}
{%- endmacro %}


{#-
    The newest (or with `function='min'` the oldest) instant of a column, as a literal. While there is none, an instant
    before all others: what was built of nothing has read nothing.
-#}
{% macro newest(relation, column, function='max') -%}
    {%- set query -%}
    select {{ instant_as_text(function ~ '(' ~ column ~ ')') }} as mark from {{ relation }}
    {%- endset -%}
    {%- set found = run_query(query).rows[0][0] if execute else none -%}
    {{ as_instant(found or '1970-01-01 00:00:00+00') }}
{%- endmacro %}
