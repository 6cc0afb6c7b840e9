-- What the warehouse partners say of an order of the shop, all its parts together.
{{ config(materialized='view') }}

with orders as (
    select
        xref.shop,
        xref.order_id,
        orders.partner,
        orders.order_id as partner_order_id,
        orders.warehouse_code,
        orders.status,
        orders.received_at,
        orders.updated_at
    from {{ ref('int_xref__orders') }} as xref
    inner join {{ ref('stg_threepl__orders') }} as orders
        on xref.connection = orders.partner and xref.external_order_id = orders.order_id
    where xref.system = 'threepl' and xref.order_id is not null
),

received as (
    select
        shop,
        order_id,
        count(*) as orders_count,
        min(partner) as partner,
        min(partner_order_id) as partner_order_id,
        min(received_at) as received_at,
        sum(case when status in ('processing', 'on_hold') then 1 else 0 end) as open_orders_count,
        sum(case when status in ('on_hold', 'exception') then 1 else 0 end) as stuck_orders_count,
        max(case when status in ('on_hold', 'exception') then status end) as stuck_status,
        min(case when status in ('on_hold', 'exception') then updated_at end) as stuck_at
    from orders
    group by shop, order_id
),

parcels as (
    select
        *,
        row_number() over (
            partition by shop, order_id
            order by case when is_shipped then 0 else 1 end, shipped_at desc, shipment_key desc
        ) as place
    from {{ ref('int_reconciliation__shipments') }}
    where order_id is not null and status != 'cancelled'
),

shipped as (
    select
        shop,
        order_id,
        min(partner) as partner,
        count(*) as shipments_count,
        min(labeled_at) as first_labeled_at,
        sum(case when is_shipped then 1 else 0 end) as shipped_count,
        min(case when is_shipped then shipped_at end) as first_shipped_at,
        max(case when is_shipped then shipped_at end) as last_shipped_at,
        max(case when is_shipped and place = 1 then shipment_key end) as last_shipment_key
    from parcels
    group by shop, order_id
),

final as (
    select
        coalesce(received.shop, shipped.shop) as shop,
        coalesce(received.order_id, shipped.order_id) as order_id,
        coalesce(received.partner, shipped.partner) as partner,
        received.partner_order_id,
        coalesce(received.orders_count, 0) as orders_count,
        received.received_at,
        coalesce(received.open_orders_count, 0) as open_orders_count,
        coalesce(received.stuck_orders_count, 0) as stuck_orders_count,
        received.stuck_status,
        received.stuck_at,
        coalesce(shipped.shipments_count, 0) as shipments_count,
        coalesce(shipped.shipped_count, 0) as shipped_count,
        shipped.first_labeled_at,
        shipped.first_shipped_at,
        shipped.last_shipped_at,
        shipped.last_shipment_key
    from received
    full outer join shipped on received.shop = shipped.shop and received.order_id = shipped.order_id
)

select * from final
