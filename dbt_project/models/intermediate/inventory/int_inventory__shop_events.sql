-- What moved the shop's stock of a SKU at a place, and when the shop knew: fulfilments take, restocked refunds and the
-- goods of an exchange bring. Released are units that are for sale again, shipped before or not.
{{ config(materialized='view') }}

with fulfilled as (
    select
        fulfillments.shop,
        fulfillments.location_id,
        lines.sku,
        fulfillments.created_at as moved_at,
        'fulfilled' as kind,
        -fulfilled_lines.quantity as quantity,
        0 as released_quantity
    from {{ ref('stg_shopify__fulfillments') }} as fulfillments
    inner join {{ ref('stg_shopify__fulfillment_lines') }} as fulfilled_lines
        on
            fulfillments.shop = fulfilled_lines.shop
            and fulfillments.fulfillment_id = fulfilled_lines.fulfillment_id
    inner join {{ ref('stg_shopify__order_lines') }} as lines
        on fulfilled_lines.shop = lines.shop and fulfilled_lines.order_line_id = lines.order_line_id
    where fulfillments.status = 'SUCCESS'
),

restocked as (
    select
        refund_lines.shop,
        refund_lines.location_id,
        lines.sku,
        refunds.created_at as moved_at,
        'restocked' as kind,
        case refund_lines.restock_type when 'RETURN' then refund_lines.quantity else 0 end as quantity,
        refund_lines.quantity as released_quantity
    from {{ ref('stg_shopify__refund_lines') }} as refund_lines
    inner join {{ ref('stg_shopify__refunds') }} as refunds
        on refund_lines.shop = refunds.shop and refund_lines.refund_id = refunds.refund_id
    inner join {{ ref('stg_shopify__order_lines') }} as lines
        on refund_lines.shop = lines.shop and refund_lines.order_line_id = lines.order_line_id
    where refund_lines.is_restocked and refund_lines.location_id is not null
),

exchanged as (
    select
        returns.shop,
        fulfillments.location_id,
        lines.sku,
        returns.closed_at as moved_at,
        'exchanged' as kind,
        return_lines.quantity,
        return_lines.quantity as released_quantity
    from {{ ref('stg_shopify__returns') }} as returns
    inner join {{ ref('stg_shopify__return_lines') }} as return_lines
        on returns.shop = return_lines.shop and returns.return_id = return_lines.return_id
    inner join {{ ref('stg_shopify__fulfillment_lines') }} as fulfilled_lines
        on
            return_lines.shop = fulfilled_lines.shop
            and return_lines.fulfillment_line_id = fulfilled_lines.fulfillment_line_id
    inner join {{ ref('stg_shopify__fulfillments') }} as fulfillments
        on
            fulfilled_lines.shop = fulfillments.shop
            and fulfilled_lines.fulfillment_id = fulfillments.fulfillment_id
    inner join {{ ref('stg_shopify__order_lines') }} as lines
        on fulfilled_lines.shop = lines.shop and fulfilled_lines.order_line_id = lines.order_line_id
    where
        returns.closed_at is not null
        and exists (
            select 1
            from {{ ref('stg_shopify__exchange_lines') }} as exchange_lines
            where exchange_lines.shop = returns.shop and exchange_lines.return_id = returns.return_id
        )
),

unioned as (
    select * from fulfilled
    union all
    select * from restocked
    union all
    select * from exchanged
)

select
    shop,
    location_id,
    sku,
    moved_at,
    kind,
    sum(quantity) as quantity,
    sum(released_quantity) as released_quantity
from unioned
where sku is not null and moved_at is not null
group by shop, location_id, sku, moved_at, kind
