{#-
    The fifth of all rows that a rank (from 1, ascending) falls into: 1 the lowest, 5 the highest. By comparison, since
    warehouses round quotients at different places.
-#}
{% macro quintile(rank, rows) -%}
    cast(case
        {%- for fifths in [4, 3, 2, 1] %}
        when 5 * ({{ rank }} - 1) >= {{ fifths }} * {{ rows }} then {{ fifths + 1 }}
        {%- endfor %}
        else 1
    end as bigint)
{%- endmacro %}
