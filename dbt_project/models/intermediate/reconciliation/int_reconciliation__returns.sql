-- Every return of a warehouse partner with the order, the return of the shop and its refund: by the name of the return,
-- else by the order. Units are those of the merchant.
with returns as (
    select
        *,
        {{ reference('order_reference') }} as reference,
        upper(trim(rma_number)) as rma_key
    from {{ ref('stg_threepl__returns') }}
    where status != 'cancelled'
),

places as (
    select * from {{ ref('int_xref__locations') }}
    where warehouse_code is not null
),

shop_orders as (
    select
        shop,
        order_id,
        currency,
        {{ text('order_id') }} as id_key,
        {{ reference('name') }} as name_key
    from {{ ref('stg_shopify__orders') }}
    where not is_deleted
),

shop_returns as (
    select
        shop,
        order_id,
        return_id,
        upper(trim(name)) as rma_key
    from {{ ref('stg_shopify__returns') }}
),

refunds as (
    select
        shop,
        order_id,
        return_id,
        min(refund_id) as refund_id,
        min(created_at) as refunded_at
    from {{ ref('stg_shopify__refunds') }}
    group by shop, order_id, return_id
),

units as (
    select
        lines.partner,
        lines.return_id,
        sum(lines.received_quantity * coalesce(skus.unit_factor, 1)) as received_units,
        sum(lines.processed_quantity * coalesce(skus.unit_factor, 1)) as processed_units,
        sum(case when lines.disposition = 'restock' then 0 else 1 end) as not_restocked_lines_count,
        max(lines.disposition) as disposition
    from {{ ref('stg_threepl__return_lines') }} as lines
    left join {{ ref('int_xref__skus') }} as skus
        on lines.partner = skus.system and lines.sku = skus.external_sku and not skus.is_shadowed
    group by lines.partner, lines.return_id
),

final as (
    select
        returns.partner,
        returns.return_id as partner_return_id,
        returns.rma_number,
        returns.warehouse_code,
        returns.status,
        returns.received_at,
        returns.completed_at,
        places.shop,
        places.location_id,
        places.erp,
        places.currency,
        coalesce(by_id.order_id, by_name.order_id, shop_returns.order_id) as order_id,
        shop_returns.return_id,
        coalesce({{ text('shop_returns.return_id') }}, returns.rma_number, returns.return_id) as return_key,
        coalesce(of_return.refund_id, of_order.refund_id) as refund_id,
        coalesce(of_return.refunded_at, of_order.refunded_at) as refunded_at,
        units.received_units,
        units.processed_units,
        coalesce(units.not_restocked_lines_count, 0) as not_restocked_lines_count,
        units.disposition
    from returns
    inner join places on returns.partner = places.partner and returns.warehouse_code = places.warehouse_code
    left join shop_orders as by_id on returns.reference = by_id.id_key
    left join shop_orders as by_name
        on by_id.order_id is null and returns.reference = by_name.name_key and places.shop = by_name.shop
    left join shop_returns on places.shop = shop_returns.shop and returns.rma_key = shop_returns.rma_key
    left join refunds as of_return
        on shop_returns.shop = of_return.shop and shop_returns.return_id = of_return.return_id
    -- goods that nobody announced belong to a refund without a return
    left join refunds as of_order
        on
            shop_returns.return_id is null
            and places.shop = of_order.shop
            and coalesce(by_id.order_id, by_name.order_id) = of_order.order_id
            and of_order.return_id is null
    left join units on returns.partner = units.partner and returns.return_id = units.return_id
)

select * from final
