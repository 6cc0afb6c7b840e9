{#- A common table expression `name` of the rows of `rows` that a condition picks, the earliest of each key only. -#}
{% macro one_a_key(name, rows, condition, instant, key) -%}
{{ name }} as (
    select *
    from {{ rows }}
    where {{ condition }}
    qualify row_number() over (partition by shop, {{ key }} order by {{ instant }}) = 1
)
{%- endmacro %}
