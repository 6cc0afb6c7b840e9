-- Every shipment of a warehouse partner with the order and the fulfilment of the shop that it is: the order by the
-- partner's order or its own reference, the fulfilment by its tracking number.
with shipments as (
    select
        *,
        {{ tracking_key('tracking_number') }} as tracking_key,
        {{ reference('order_reference') }} as reference
    from {{ ref('stg_threepl__shipments') }}
),

orders_of_partners as (
    select
        connection as partner,
        external_order_id,
        shop,
        order_id
    from {{ ref('int_xref__orders') }}
    where system = 'threepl' and order_id is not null
),

shop_orders as (
    select
        shop,
        order_id,
        {{ text('order_id') }} as id_key,
        {{ reference('name') }} as name_key
    from {{ ref('stg_shopify__orders') }}
    where not is_deleted
),

locations as (
    select * from {{ ref('int_xref__locations') }}
    where warehouse_code is not null
),

identified as (
    select
        shipments.*,
        coalesce(orders_of_partners.shop, by_id.shop, by_name.shop, locations.shop) as shop,
        coalesce(orders_of_partners.order_id, by_id.order_id, by_name.order_id) as shop_order_id,
        locations.location_id,
        locations.erp_location_id,
        locations.erp,
        locations.currency,
        locations.time_zone
    from shipments
    left join locations
        on shipments.partner = locations.partner and shipments.warehouse_code = locations.warehouse_code
    left join orders_of_partners
        on
            shipments.partner = orders_of_partners.partner
            and shipments.order_id = orders_of_partners.external_order_id
    left join shop_orders as by_id
        on orders_of_partners.order_id is null and shipments.reference = by_id.id_key
    left join shop_orders as by_name
        on
            orders_of_partners.order_id is null
            and by_id.order_id is null
            and shipments.reference = by_name.name_key
            and locations.shop = by_name.shop
),

fulfillments as (
    select
        shop,
        fulfillment_id,
        order_id,
        location_id,
        created_at,
        {{ tracking_key('tracking_number') }} as tracking_key
    from {{ ref('stg_shopify__fulfillments') }}
    where status = 'SUCCESS'
),

fulfilled_by_tracking as (
    select
        shop,
        order_id,
        tracking_key,
        min(fulfillment_id) as fulfillment_id,
        min(location_id) as location_id,
        min(created_at) as fulfilled_at
    from fulfillments
    where tracking_key is not null
    group by shop, order_id, tracking_key
),

final as (
    select
        identified.partner,
        identified.shipment_id,
        identified.shop,
        identified.shop_order_id as order_id,
        identified.order_id as partner_order_id,
        identified.erp,
        identified.currency,
        identified.location_id,
        identified.erp_location_id,
        identified.warehouse_code,
        identified.time_zone,
        identified.status,
        identified.carrier,
        identified.tracking_number,
        identified.tracking_key,
        coalesce(identified.tracking_number, identified.shipment_id) as shipment_key,
        identified.labeled_at,
        identified.shipped_at,
        fulfilled.fulfillment_id,
        fulfilled.location_id as fulfilled_location_id,
        fulfilled.fulfilled_at,
        identified.status = 'shipped' as is_shipped
    from identified
    left join fulfilled_by_tracking as fulfilled
        on
            identified.shop = fulfilled.shop
            and identified.shop_order_id = fulfilled.order_id
            and identified.tracking_key = fulfilled.tracking_key
)

select * from final
