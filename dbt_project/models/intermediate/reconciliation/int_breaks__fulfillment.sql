-- Shipments that one system knows and another does not. Without an order there, none is missed.
with shipments as (
    select
        shipments.*,
        orders.sales_order_id,
        orders.threepl_orders_count,
        orders.total_amount,
        orders.cancelled_at
    from {{ ref('int_reconciliation__shipments') }} as shipments
    inner join {{ ref('int_reconciliation__orders') }} as orders
        on shipments.shop = orders.shop and shipments.order_id = orders.order_id
    where
        shipments.status != 'cancelled'
        -- a parcel that was sent again is FUL-07
        and not exists (
            select 1
            from {{ ref('int_reconciliation__repeated_shipments') }} as repeated
            where repeated.partner = shipments.partner and repeated.shipment_id = shipments.shipment_id
        )
),

erp_fulfillments as (
    select
        erp,
        sales_order_id,
        fulfillment_id,
        {{ tracking_key('tracking_numbers') }} as tracking_keys
    from {{ ref('stg_erp__fulfillments') }}
),

in_erp as (
    select distinct
        shipments.partner,
        shipments.shipment_id
    from shipments
    inner join erp_fulfillments
        on
            shipments.erp = erp_fulfillments.erp
            and shipments.sales_order_id = erp_fulfillments.sales_order_id
            and (
                erp_fulfillments.tracking_keys like '%' || shipments.tracking_key || '%'
                or erp_fulfillments.tracking_keys is null or shipments.tracking_key is null
            )
),

-- What the shop fulfilled from a place of a partner.
fulfillments as (
    select
        fulfillments.shop,
        fulfillments.order_id,
        fulfillments.fulfillment_id,
        fulfillments.created_at as fulfilled_at,
        coalesce(fulfillments.tracking_number, fulfillments.name) as shipment_key,
        {{ tracking_key('fulfillments.tracking_number') }} as tracking_key,
        locations.partner,
        orders.currency,
        orders.total_amount
    from {{ ref('stg_shopify__fulfillments') }} as fulfillments
    inner join {{ ref('int_xref__locations') }} as locations
        on fulfillments.shop = locations.shop and fulfillments.location_id = locations.location_id
    inner join {{ ref('int_reconciliation__orders') }} as orders
        on fulfillments.shop = orders.shop and fulfillments.order_id = orders.order_id
    where
        locations.warehouse_code is not null and fulfillments.status = 'SUCCESS'
        and orders.cancelled_at is null
        and orders.goods_lines_count > 0
        -- an order that never reached the partner is ORD-04
        and (orders.threepl_orders_count + orders.threepl_shipments_count > 0 or not orders.has_order_feed)
),

not_in_shop as (
    {{ break_candidate(
        'FUL-01', 'shipment', 'shipment_key', 'shipped_at', erp=none, partner='partner', expected='tracking_number',
        money='total_amount', evidence={'shipment_id': 'shipment_id', 'order_id': 'order_id'}
    ) }}
    from shipments
    where is_shipped and fulfillment_id is null and cancelled_at is null
),

not_at_partner as (
    {{ break_candidate(
        'FUL-02', 'shipment', 'shipment_key', 'fulfilled_at', erp=none, partner='partner', expected='shipment_key',
        money='total_amount', evidence={'fulfillment_id': 'fulfillment_id', 'order_id': 'order_id'}
    ) }}
    from fulfillments
    where
        not exists (
            select 1
            from shipments
            where
                shipments.shop = fulfillments.shop and shipments.order_id = fulfillments.order_id
                and (
                    shipments.tracking_key = fulfillments.tracking_key
                    -- another parcel of the order that no fulfilment claims
                    or (shipments.fulfillment_id is null and fulfillments.tracking_key is null)
                )
        )
),

not_in_erp as (
    {{ break_candidate(
        'FUL-03', 'shipment', 'shipment_key', 'shipped_at', partner='partner', expected='tracking_number',
        money='total_amount', evidence={'shipment_id': 'shipment_id', 'sales_order_id': 'sales_order_id'}
    ) }}
    from shipments
    where
        -- a parcel that the shop does not know either is FUL-01
        is_shipped and fulfillment_id is not null and sales_order_id is not null and cancelled_at is null
        and not exists (
            select 1
            from in_erp
            where in_erp.partner = shipments.partner and in_erp.shipment_id = shipments.shipment_id
        )
)

{% for found in ['not_in_shop', 'not_at_partner', 'not_in_erp'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
