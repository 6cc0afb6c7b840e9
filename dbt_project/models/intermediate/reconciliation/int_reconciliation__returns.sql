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

identified as (
    select
        returns.*,
        places.shop,
        places.location_id,
        places.erp,
        places.currency,
        places.time_zone
    from returns
    inner join {{ ref('int_xref__locations') }} as places
        on returns.partner = places.partner and returns.warehouse_code = places.warehouse_code
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
    from identified
    inner join {{ ref('stg_threepl__return_lines') }} as lines
        on identified.partner = lines.partner and identified.return_id = lines.return_id
    left join {{ ref('int_xref__skus') }} as skus
        on
            {{ spelt_on(
                business_date('coalesce(identified.received_at, identified.completed_at)', 'identified.time_zone'),
                'identified.erp', 'lines.partner', 'lines.sku'
            ) }}
    group by lines.partner, lines.return_id
),

final as (
    select
        identified.partner,
        identified.return_id as partner_return_id,
        identified.rma_number,
        identified.warehouse_code,
        identified.status,
        identified.received_at,
        identified.completed_at,
        identified.shop,
        identified.location_id,
        identified.erp,
        identified.currency,
        coalesce(by_id.order_id, by_name.order_id, shop_returns.order_id) as order_id,
        shop_returns.return_id,
        coalesce({{ text('shop_returns.return_id') }}, identified.rma_number, identified.return_id) as return_key,
        coalesce(of_return.refund_id, of_order.refund_id) as refund_id,
        coalesce(of_return.refunded_at, of_order.refunded_at) as refunded_at,
        units.received_units,
        units.processed_units,
        coalesce(units.not_restocked_lines_count, 0) as not_restocked_lines_count,
        units.disposition
    from identified
    left join shop_orders as by_id on identified.reference = by_id.id_key
    left join shop_orders as by_name
        on by_id.order_id is null and identified.reference = by_name.name_key and identified.shop = by_name.shop
    left join shop_returns on identified.shop = shop_returns.shop and identified.rma_key = shop_returns.rma_key
    left join refunds as of_return
        on shop_returns.shop = of_return.shop and shop_returns.return_id = of_return.return_id
    -- goods that nobody announced belong to a refund without a return
    left join refunds as of_order
        on
            shop_returns.return_id is null
            and identified.shop = of_order.shop
            and coalesce(by_id.order_id, by_name.order_id) = of_order.order_id
            and of_order.return_id is null
    left join units on identified.partner = units.partner and identified.return_id = units.return_id
)

select * from final
