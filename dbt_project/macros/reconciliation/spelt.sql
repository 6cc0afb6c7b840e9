{#-
    The condition that joins `alias`, rows of int_xref__skus, to a SKU as another system spells it on a business day:
    at most one row, since of two spellings that overlap only the newer one speaks. A SKU that no row speaks for is
    spelt as the ERP spells it, one for one: coalesce(alias.sku, sku), coalesce(alias.unit_factor, 1).
-#}
{% macro spelt_on(day, erp, system, sku, alias='skus') -%}
    {{ erp }} = {{ alias }}.erp
    and {{ system }} = {{ alias }}.system
    and {{ sku }} = {{ alias }}.external_sku
    and {{ day }} between {{ alias }}.valid_from and {{ alias }}.speaks_until
{%- endmacro %}
