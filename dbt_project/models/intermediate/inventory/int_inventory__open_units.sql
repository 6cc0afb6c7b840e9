-- Units of a SKU that one side had moved and the other had not at the instant of the warehouse's snapshot: what
-- explains a difference of stock. Positive units: the warehouse has more for it than the shop. Missing units left the
-- warehouse unknown to the shop: it has less to promise for them. What waits to leave is promised on both sides.
{{ config(materialized='view') }}

with snapshots as (
    select * from {{ ref('int_inventory__latest_snapshots') }}
),

shipments as (
    select * from {{ ref('int_reconciliation__shipments') }}
    where is_shipped
),

shipped_not_fulfilled as (
    select
        snapshots.partner,
        snapshots.warehouse_code,
        lines.sku,
        -lines.units as units
    from snapshots
    inner join shipments
        on snapshots.partner = shipments.partner and snapshots.warehouse_code = shipments.warehouse_code
    inner join {{ ref('int_reconciliation__parcel_lines') }} as lines
        on shipments.partner = lines.partner and shipments.shipment_id = lines.shipment_id
    where
        shipments.shipped_at <= snapshots.as_of
        and coalesce(shipments.fulfilled_at > snapshots.as_of, true)
),

fulfilled_not_shipped as (
    select
        snapshots.partner,
        snapshots.warehouse_code,
        lines.sku,
        fulfilled.quantity as units
    from snapshots
    inner join {{ ref('stg_shopify__fulfillments') }} as fulfillments
        on snapshots.shop = fulfillments.shop and snapshots.location_id = fulfillments.location_id
    inner join {{ ref('stg_shopify__fulfillment_lines') }} as fulfilled
        on fulfillments.shop = fulfilled.shop and fulfillments.fulfillment_id = fulfilled.fulfillment_id
    inner join {{ ref('stg_shopify__order_lines') }} as lines
        on fulfilled.shop = lines.shop and fulfilled.order_line_id = lines.order_line_id
    left join shipments
        on fulfillments.shop = shipments.shop and fulfillments.fulfillment_id = shipments.fulfillment_id
    where
        fulfillments.status = 'SUCCESS' and fulfillments.created_at <= snapshots.as_of and not lines.is_gift_card
        -- a test order is shipped by nobody
        and exists (
            select 1
            from {{ ref('int_reconciliation__orders') }} as orders
            where orders.shop = fulfillments.shop and orders.order_id = fulfillments.order_id
        )
        and coalesce(shipments.shipped_at > snapshots.as_of, true)
),

unioned as (
    select
        *,
        units as missing_units
    from shipped_not_fulfilled
    union all
    select
        *,
        0 as missing_units
    from fulfilled_not_shipped
    union all
    select
        partner,
        warehouse_code,
        sku,
        units,
        0 as missing_units
    from {{ ref('int_inventory__open_returns') }}
),

final as (
    select
        partner,
        warehouse_code,
        sku,
        sum(units) as units,
        sum(missing_units) as missing_units
    from unioned
    where sku is not null
    group by partner, warehouse_code, sku
)

select * from final
