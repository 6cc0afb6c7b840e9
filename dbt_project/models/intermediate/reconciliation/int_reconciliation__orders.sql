-- One row an order of the shop: beside each other what shop, ERP and warehouse partners say of it.
{%- set of_shop = [
    'shop', 'order_id', 'order_name', 'currency', 'customer_id', 'company_id', 'retail_location_id',
    'financial_status', 'is_edited', 'taxes_included', 'total_amount', 'tax_amount', 'shipping_amount',
    'discounts_amount', 'tip_amount', 'received_amount', 'refunded_amount', 'outstanding_amount',
    'presentment_currency', 'created_at', 'placed_at', 'updated_at', 'cancelled_at', 'erp',
    'goods_lines_count', 'goods_units', 'ready_at', 'paid_at', 'authorized_at', 'is_on_terms', 'fulfillments_count',
    'first_fulfilled_at', 'last_fulfilled_at', 'delivered_at', 'refunds_count', 'first_refunded_at',
    'last_refunded_at'
] %}

with shop_orders as (
    select * from {{ ref('int_reconciliation__shop_orders') }}
),

erp_orders as (
    select * from {{ ref('int_reconciliation__erp_orders') }}
),

threepl_orders as (
    select * from {{ ref('int_reconciliation__threepl_orders') }}
),

-- Work at a place that a partner runs: an order has as many parts as places. What the shop holds is not due: nobody
-- sends it to a warehouse before it is released.
parts as (
    select
        orders.shop,
        orders.order_id,
        min(locations.partner) as partner,
        count(distinct locations.warehouse_code) as parts_count,
        count(distinct case when orders.status != 'ON_HOLD' then locations.warehouse_code end) as due_parts_count,
        min(orders.fulfill_at) as fulfill_at
    from {{ ref('stg_shopify__fulfillment_orders') }} as orders
    inner join {{ ref('int_xref__locations') }} as locations
        on orders.shop = locations.shop and orders.location_id = locations.location_id
    where locations.warehouse_code is not null and orders.status not in ('CANCELLED', 'SCHEDULED')
    group by orders.shop, orders.order_id
),

-- Some partners report parcels and never the orders they were sent: of those, none is missed.
partners_with_orders as (
    select distinct partner from {{ ref('stg_threepl__orders') }}
),

final as (
    select
        {% for column in of_shop -%}
        shop_orders.{{ column }},
        {% endfor -%}
        partners_with_orders.partner is not null as has_order_feed,
        case when shop_orders.goods_lines_count > 0 then coalesce(parts.parts_count, 0) else 0 end as parts_count,
        case when shop_orders.goods_lines_count > 0 then coalesce(parts.due_parts_count, 0) else 0 end
            as due_parts_count,
        parts.fulfill_at,
        coalesce(threepl_orders.partner, parts.partner) as partner,
        erp_orders.sales_order_id,
        coalesce(erp_orders.orders_count, 0) as erp_orders_count,
        coalesce(erp_orders.live_orders_count, 0) as erp_live_orders_count,
        erp_orders.last_created_at as erp_last_created_at,
        erp_orders.last_sales_order_id as erp_last_sales_order_id,
        erp_orders.number as erp_number,
        erp_orders.status as erp_status,
        erp_orders.customer_id as erp_customer_id,
        erp_orders.order_date as erp_order_date,
        erp_orders.created_at as erp_created_at,
        erp_orders.updated_at as erp_updated_at,
        erp_orders.currency as erp_currency,
        erp_orders.exchange_rate as erp_exchange_rate,
        erp_orders.total_amount as erp_total_amount,
        erp_orders.tax_amount as erp_tax_amount,
        erp_orders.shipping_amount as erp_shipping_amount,
        erp_orders.discount_amount as erp_discount_amount,
        coalesce(erp_orders.fulfillments_count, 0) as erp_fulfillments_count,
        erp_orders.first_fulfilled_at as erp_first_fulfilled_at,
        erp_orders.last_fulfilled_at as erp_last_fulfilled_at,
        coalesce(erp_orders.invoices_count, 0) as erp_invoices_count,
        erp_orders.first_invoiced_at as erp_first_invoiced_at,
        erp_orders.invoiced_amount as erp_invoiced_amount,
        erp_orders.first_paid_at as erp_first_paid_at,
        erp_orders.paid_amount as erp_paid_amount,
        threepl_orders.partner_order_id,
        coalesce(threepl_orders.orders_count, 0) as threepl_orders_count,
        threepl_orders.received_at as threepl_received_at,
        coalesce(threepl_orders.open_orders_count, 0) as threepl_open_orders_count,
        threepl_orders.stuck_status as threepl_stuck_status,
        threepl_orders.stuck_at as threepl_stuck_at,
        coalesce(threepl_orders.shipments_count, 0) as threepl_shipments_count,
        coalesce(threepl_orders.shipped_count, 0) as threepl_shipped_count,
        threepl_orders.first_labeled_at as threepl_first_labeled_at,
        threepl_orders.first_shipped_at as threepl_first_shipped_at,
        threepl_orders.last_shipped_at as threepl_last_shipped_at,
        threepl_orders.last_shipment_key
    from shop_orders
    left join parts on shop_orders.shop = parts.shop and shop_orders.order_id = parts.order_id
    left join erp_orders on shop_orders.shop = erp_orders.shop and shop_orders.order_id = erp_orders.order_id
    left join threepl_orders
        on shop_orders.shop = threepl_orders.shop and shop_orders.order_id = threepl_orders.order_id
    left join partners_with_orders on coalesce(threepl_orders.partner, parts.partner) = partners_with_orders.partner
)

select * from final
