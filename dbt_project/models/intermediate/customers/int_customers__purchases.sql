-- Which customer each order with goods belongs to, and belonged to before. Later models count customers anew whose
-- orders changed; an order that moved to another customer or was deleted concerns the one who had it, too, and raw
-- tables have forgotten that one. Orders without goods (gift cards only) are no purchase; cancelled and returned ones
-- are, for the decision was made.
{{ config(
    materialized='incremental',
    unique_key=['shop', 'order_id', 'customer_id']
) }}
-- depends_on: {{ ref('stg_shopify__orders') }}
{% set built_until = newest(this, 'orders_built_at') if is_incremental() %}

with orders as (
    select
        shop,
        order_id,
        customer_id,
        order_date,
        net_sales_reporting_amount,
        built_at,
        customer_id is not null and units_sold > 0 as is_purchase
    from {{ ref('int_orders__totals') }}
    {% if is_incremental() -%}
    where built_at > {{ built_until }}
    {%- endif %}
),

purchases as (
    select
        shop,
        order_id,
        customer_id,
        order_date as purchase_date,
        net_sales_reporting_amount as net_sales_amount,
        true as is_current,
        built_at as orders_built_at
    from orders
    where coalesce(is_purchase, false)
),
{% if is_incremental() %}
changed_orders as (
    select
        shop,
        order_id
    from orders
    union distinct
    select
        shop,
        order_id
    from {{ ref('stg_shopify__orders') }}
    where is_deleted or is_test
),

former as (
    select
        held.shop,
        held.order_id,
        held.customer_id,
        held.purchase_date,
        held.net_sales_amount,
        false as is_current,
        held.orders_built_at
    from {{ this }} as held
    inner join changed_orders on held.shop = changed_orders.shop and held.order_id = changed_orders.order_id
    left join purchases
        on
            held.shop = purchases.shop
            and held.order_id = purchases.order_id
            and held.customer_id = purchases.customer_id
    where held.is_current and purchases.order_id is null
),
{% endif %}
unioned as (
    select * from purchases
    {% if is_incremental() -%}
    union all
    select * from former
    {%- endif %}
),

final as (
    select
        *,
        {{ built_now() }} as changed_at
    from unioned
)

select * from final
