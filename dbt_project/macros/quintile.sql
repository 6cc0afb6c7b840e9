{#- The fifth of all rows that a rank (from 1, ascending) falls into: 1 the lowest, 5 the highest. -#}
{% macro quintile(rank, rows) -%}
    1 + cast(floor(5.0 * ({{ rank }} - 1) / {{ rows }}) as bigint)
{%- endmacro %}
