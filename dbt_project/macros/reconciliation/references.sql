{#-
    How another system spells a record of the shop, reduced to what can be compared: a global id becomes its number, an
    order name loses its hash sign, an empty text is no reference. Connectors fill the field with any of these.
-#}
{% macro reference(expression, resource='Order') -%}
    nullif(upper(trim(replace(replace({{ expression }}, 'gid://shopify/{{ resource }}/', ''), '#', ''))), '')
{%- endmacro %}

{#- A tracking number without the spaces and dashes that people and systems put in. -#}
{% macro tracking_key(expression) -%}
    nullif(upper(replace(replace(trim({{ expression }}), ' ', ''), '-', '')), '')
{%- endmacro %}
