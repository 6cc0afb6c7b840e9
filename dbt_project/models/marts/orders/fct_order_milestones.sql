-- What happened to an order, in every system that took part, as one row an event: a view, since it only lays side by
-- side what staging holds. `boomerang trace` prints it for one order.
{{ config(materialized='view') }}

with events as (
    {%- for system in ['shop', 'erp', 'threepl', 'payments'] %}
    select * from {{ ref('int_milestones__' ~ system) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

orders as (
    select
        shop,
        order_id,
        name
    from {{ ref('stg_shopify__orders') }}
    where not is_deleted
),

final as (
    select
        events.shop,
        events.order_id,
        orders.name as order_name,
        events.system,
        events.connection,
        events.milestone,
        events.document_id,
        events.occurred_at,
        events.reference,
        events.amount,
        events.currency
    from events
    inner join orders on events.shop = orders.shop and events.order_id = orders.order_id
)

select * from final
