-- Parcels that were sent again: shipped, carried by no fulfilment of the shop, and holding what an earlier parcel of
-- the order held that a fulfilment does carry; or a parcel whose tracking number another order's earlier parcel has.
{{ config(materialized='view') }}

with shipments as (
    select * from {{ ref('int_reconciliation__shipments') }}
    where is_shipped and order_id is not null
),

contents as (
    select
        partner,
        shipment_id,
        count(*) as lines_count,
        sum(quantity) as quantity,
        min(sku) as first_sku,
        max(sku) as last_sku
    from {{ ref('stg_threepl__shipment_lines') }}
    group by partner, shipment_id
),

unclaimed as (
    select * from shipments
    where fulfillment_id is null
),

again as (
    select
        unclaimed.partner,
        unclaimed.shipment_id,
        min(shipments.tracking_number) as tracking_number
    from unclaimed
    inner join shipments
        on
            unclaimed.shop = shipments.shop
            and unclaimed.order_id = shipments.order_id
            and unclaimed.shipment_id != shipments.shipment_id
            and unclaimed.shipped_at > shipments.shipped_at
    inner join contents as contents_again
        on unclaimed.partner = contents_again.partner and unclaimed.shipment_id = contents_again.shipment_id
    inner join contents
        on
            shipments.partner = contents.partner
            and shipments.shipment_id = contents.shipment_id
            and contents_again.lines_count = contents.lines_count
            and contents_again.quantity = contents.quantity
            and contents_again.first_sku = contents.first_sku
            and contents_again.last_sku = contents.last_sku
    where shipments.fulfillment_id is not null
    group by unclaimed.partner, unclaimed.shipment_id
),

numbered as (
    select
        partner,
        shipment_id,
        order_id,
        tracking_number,
        min(order_id) over (partition by shop, tracking_key) as first_order_id
    from shipments
    where tracking_key is not null
),

final as (
    select * from again
    union distinct
    select
        partner,
        shipment_id,
        tracking_number
    from numbered
    where order_id != first_order_id
)

select * from final
