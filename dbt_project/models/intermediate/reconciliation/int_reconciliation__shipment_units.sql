-- Parcels that a fulfilment of the shop carries: units of each SKU in the parcel and in the fulfilment, spelt and
-- counted as the merchant does, kits as what they are made of on the day of the order.
{{ config(materialized='view') }}

with parcels as (
    select
        shipments.partner,
        shipments.shipment_id,
        shipments.shop,
        shipments.fulfillment_id,
        shipments.erp,
        {{ business_date('orders.placed_at', 'shops.iana_timezone') }} as order_date
    from {{ ref('int_reconciliation__shipments') }} as shipments
    inner join {{ ref('int_reconciliation__orders') }} as orders
        on shipments.shop = orders.shop and shipments.order_id = orders.order_id
    inner join {{ ref('stg_shopify__shops') }} as shops on shipments.shop = shops.shop
    where shipments.is_shipped and shipments.fulfillment_id is not null
),

in_parcel as (
    select
        lines.partner,
        lines.shipment_id,
        lines.sku,
        lines.units
    from parcels
    inner join {{ ref('int_reconciliation__parcel_lines') }} as lines
        on parcels.partner = lines.partner and parcels.shipment_id = lines.shipment_id
),

in_fulfillment as (
    select
        parcels.partner,
        parcels.shipment_id,
        coalesce(kits.component_sku, lines.sku) as sku,
        sum(fulfilled.quantity * coalesce(kits.quantity, 1)) as units,
        max(case when kits.component_sku is null then 0 else 1 end) as is_of_kit
    from parcels
    inner join {{ ref('stg_shopify__fulfillment_lines') }} as fulfilled
        on parcels.shop = fulfilled.shop and parcels.fulfillment_id = fulfilled.fulfillment_id
    inner join {{ ref('stg_shopify__order_lines') }} as lines
        on fulfilled.shop = lines.shop and fulfilled.order_line_id = lines.order_line_id
    left join {{ ref('int_xref__kits') }} as kits
        on
            parcels.erp = kits.erp
            and lines.sku = kits.kit_sku
            and parcels.order_date between kits.valid_from and kits.valid_to
    where lines.sku is not null and fulfilled.quantity != 0
    group by parcels.partner, parcels.shipment_id, coalesce(kits.component_sku, lines.sku)
),

kit_skus as (
    select distinct kit_sku from {{ ref('int_xref__kits') }}
),

final as (
    select
        coalesce(in_parcel.partner, in_fulfillment.partner) as partner,
        coalesce(in_parcel.shipment_id, in_fulfillment.shipment_id) as shipment_id,
        coalesce(in_parcel.sku, in_fulfillment.sku) as sku,
        coalesce(in_parcel.units, 0) as shipped_units,
        coalesce(in_fulfillment.units, 0) as fulfilled_units,
        coalesce(in_fulfillment.is_of_kit, 0) = 1 as is_of_kit,
        kit_skus.kit_sku is not null as is_kit
    from in_parcel
    full outer join in_fulfillment
        on
            in_parcel.partner = in_fulfillment.partner
            and in_parcel.shipment_id = in_fulfillment.shipment_id
            and in_parcel.sku = in_fulfillment.sku
    left join kit_skus on in_parcel.sku = kit_skus.kit_sku
)

select * from final
