-- Parcels of the warehouse partners, each with the fulfilment of the shop and that of the ERP which carry it.
with shipments as (
    select * from {{ ref('int_reconciliation__shipments') }}
),

units as (
    select
        partner,
        shipment_id,
        sum(quantity) as units,
        count(distinct sku) as skus_count
    from {{ ref('stg_threepl__shipment_lines') }}
    group by partner, shipment_id
),

fulfilled_units as (
    select
        shop,
        fulfillment_id,
        sum(quantity) as units
    from {{ ref('stg_shopify__fulfillment_lines') }}
    group by shop, fulfillment_id
),

erp_orders as (
    select
        shop,
        order_id,
        connection as erp,
        external_order_id as sales_order_id
    from {{ ref('int_xref__orders') }}
    where system = 'erp' and order_id is not null
),

erp_units as (
    select
        erp,
        fulfillment_id,
        sum(abs(quantity)) as units
    from {{ ref('stg_erp__fulfillment_lines') }}
    group by erp, fulfillment_id
),

-- One fulfilment of the ERP may carry several tracking numbers.
booked as (
    select
        erp_orders.shop,
        erp_orders.order_id,
        fulfillments.fulfillment_id,
        fulfillments.number,
        fulfillments.shipped_date,
        fulfillments.created_at,
        erp_units.units,
        {{ tracking_key('fulfillments.tracking_numbers') }} as tracking_keys
    from {{ ref('stg_erp__fulfillments') }} as fulfillments
    inner join erp_orders
        on fulfillments.erp = erp_orders.erp and fulfillments.sales_order_id = erp_orders.sales_order_id
    left join erp_units
        on fulfillments.erp = erp_units.erp and fulfillments.fulfillment_id = erp_units.fulfillment_id
),

carried as (
    select
        shipments.partner,
        shipments.shipment_id,
        min_by(booked.fulfillment_id, {{ text('booked.created_at') }} || booked.fulfillment_id) as fulfillment_id,
        min_by(booked.number, {{ text('booked.created_at') }} || booked.fulfillment_id) as number,
        min_by(booked.units, {{ text('booked.created_at') }} || booked.fulfillment_id) as units,
        min_by(booked.shipped_date, {{ text('booked.created_at') }} || booked.fulfillment_id) as shipped_date,
        min(booked.created_at) as created_at
    from shipments
    inner join booked
        on
            shipments.shop = booked.shop
            and shipments.order_id = booked.order_id
            and booked.tracking_keys like '%' || shipments.tracking_key || '%'
    group by shipments.partner, shipments.shipment_id
),

final as (
    select
        shipments.partner,
        shipments.shipment_id,
        shipments.shop,
        shipments.order_id,
        shipments.partner_order_id,
        shipments.warehouse_code,
        shipments.location_id,
        shipments.fulfilled_location_id,
        shipments.status,
        shipments.is_shipped,
        shipments.carrier,
        shipments.tracking_number,
        {{ business_date('shipments.shipped_at', 'shipments.time_zone') }} as ship_date,
        shipments.labeled_at,
        shipments.shipped_at,
        shipments.fulfillment_id,
        shipments.fulfilled_at,
        carried.fulfillment_id as erp_fulfillment_id,
        carried.number as erp_number,
        carried.shipped_date as erp_ship_date,
        carried.created_at as erp_fulfilled_at,
        coalesce(units.skus_count, 0) as skus_count,
        units.units,
        fulfilled_units.units as fulfilled_units,
        carried.units as erp_units,
        {{ minutes_between('shipments.labeled_at', 'shipments.shipped_at') }} as label_to_ship_minutes,
        {{ minutes_between('shipments.shipped_at', 'shipments.fulfilled_at') }} as ship_to_fulfilled_minutes,
        {{ minutes_between('shipments.shipped_at', 'carried.created_at') }} as ship_to_erp_minutes,
        shipments.time_zone
    from shipments
    left join units on shipments.partner = units.partner and shipments.shipment_id = units.shipment_id
    left join fulfilled_units
        on shipments.shop = fulfilled_units.shop and shipments.fulfillment_id = fulfilled_units.fulfillment_id
    left join carried on shipments.partner = carried.partner and shipments.shipment_id = carried.shipment_id
)

select * from final
