{#-
    The merchant's own metafields, which extraction stores as typed columns of the raw table: their names come with the
    var `merchant_columns` ({'customers': ['metafield_loyalty_card']}). Each is followed by a comma, so they stand
    before the last column of a list. `rows` is the alias they are read from.
-#}
{% macro merchant_columns(table, rows=none) -%}
    {%- for column in var('merchant_columns').get(table, []) %}
        {{ rows ~ '.' if rows }}{{ column }},
    {%- endfor -%}
{%- endmacro %}
