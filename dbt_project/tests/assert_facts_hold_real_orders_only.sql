-- A test or deleted order that left something behind in a fact.
with unreal_orders as (
    select
        shop,
        order_id
    from {{ ref('stg_shopify__orders') }}
    where is_test or is_deleted
)

{% for fact in ['fct_sales', 'fct_orders', 'fct_order_lines', 'fct_refunds'] -%}
select
    '{{ fact }}' as found_in,
    facts.shop,
    facts.order_id
from {{ ref(fact) }} as facts
inner join unreal_orders on facts.shop = unreal_orders.shop and facts.order_id = unreal_orders.order_id
{{ 'union all' if not loop.last }}
{% endfor %}
