-- What the shop says of an order: when it was ready to be shipped, when its money came, what left the house.
{{ config(materialized='view') }}

with orders as (
    select * from {{ ref('stg_shopify__orders') }}
    where not is_test and not is_deleted
),

connected as (
    select
        shop,
        min(erp) as erp
    from {{ ref('int_xref__locations') }}
    group by shop
),

goods as (
    select
        shop,
        order_id,
        count(*) as goods_lines_count,
        sum(current_quantity) as goods_units
    from {{ ref('stg_shopify__order_lines') }}
    where sku is not null and not is_gift_card
    group by shop, order_id
),

payments as (
    select
        shop,
        order_id,
        min(case when kind in ('SALE', 'AUTHORIZATION') and status in ('SUCCESS', 'PENDING') then processed_at end)
            as ready_at,
        min(case when kind in ('SALE', 'CAPTURE') and status = 'SUCCESS' then processed_at end) as paid_at,
        min(case when kind = 'AUTHORIZATION' and status = 'SUCCESS' then processed_at end) as authorized_at,
        max(case when status = 'PENDING' then 1 else 0 end) as is_on_terms
    from {{ ref('stg_shopify__order_transactions') }}
    where not is_test
    group by shop, order_id
),

fulfilled as (
    select
        shop,
        order_id,
        count(*) as fulfillments_count,
        min(created_at) as first_fulfilled_at,
        max(created_at) as last_fulfilled_at,
        max(delivered_at) as delivered_at
    from {{ ref('stg_shopify__fulfillments') }}
    where status = 'SUCCESS'
    group by shop, order_id
),

refunded as (
    select
        shop,
        order_id,
        min(processed_at) as first_refunded_at,
        max(processed_at) as last_refunded_at,
        count(*) as refunds_count
    from {{ ref('stg_shopify__refunds') }}
    group by shop, order_id
),

final as (
    select
        orders.shop,
        orders.order_id,
        orders.name as order_name,
        orders.currency,
        orders.customer_id,
        orders.company_id,
        orders.retail_location_id,
        orders.financial_status,
        orders.is_edited,
        orders.taxes_included,
        orders.total_amount,
        orders.tax_amount,
        orders.shipping_amount,
        orders.discounts_amount,
        orders.tip_amount,
        orders.received_amount,
        orders.refunded_amount,
        orders.outstanding_amount,
        orders.presentment_currency,
        orders.created_at,
        orders.processed_at as placed_at,
        orders.updated_at,
        orders.cancelled_at,
        connected.erp,
        coalesce(goods.goods_lines_count, 0) as goods_lines_count,
        coalesce(goods.goods_units, 0) as goods_units,
        coalesce(payments.ready_at, case when orders.total_amount = 0 then orders.created_at end) as ready_at,
        payments.paid_at,
        payments.authorized_at,
        coalesce(payments.is_on_terms, 0) = 1 as is_on_terms,
        coalesce(fulfilled.fulfillments_count, 0) as fulfillments_count,
        fulfilled.first_fulfilled_at,
        fulfilled.last_fulfilled_at,
        fulfilled.delivered_at,
        coalesce(refunded.refunds_count, 0) as refunds_count,
        refunded.first_refunded_at,
        refunded.last_refunded_at
    from orders
    left join connected on orders.shop = connected.shop
    left join goods on orders.shop = goods.shop and orders.order_id = goods.order_id
    left join payments on orders.shop = payments.shop and orders.order_id = payments.order_id
    left join fulfilled on orders.shop = fulfilled.shop and orders.order_id = fulfilled.order_id
    left join refunded on orders.shop = refunded.shop and orders.order_id = refunded.order_id
)

select * from final
