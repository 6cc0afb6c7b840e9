-- From the return to the shelf: what the shop agreed to take back, what the partner received and did with it, what the
-- ERP booked, and when the money went. Goods that nobody announced have a row, too.
with shop_returns as (
    select * from {{ ref('stg_shopify__returns') }}
),

goods as (
    select * from {{ ref('int_reconciliation__returned_goods') }}
),

keys as (
    select
        shop,
        {{ text('return_id') }} as return_key,
        return_id,
        order_id
    from shop_returns
    union distinct
    select
        goods.shop,
        goods.return_key,
        goods.return_id,
        max(goods.order_id) as order_id
    from goods
    where goods.return_id is null
    group by goods.shop, goods.return_key, goods.return_id
),

at_partner as (
    select * from {{ ref('int_reconciliation__warehouse_returns') }}
),

in_erp as (
    select
        goods.shop,
        goods.return_key,
        min(receipts.created_at) as received_at,
        min(receipts.rma_number) as rma_number,
        sum(receipts.received_quantity) as received_units,
        sum(receipts.restocked_quantity) as restocked_units
    from goods
    inner join {{ ref('stg_erp__return_receipts') }} as receipts
        on goods.connection = receipts.erp and goods.document_id = receipts.return_receipt_line_id
    where goods.system = 'erp'
    group by goods.shop, goods.return_key
),

refunded as (
    select
        shop,
        return_id,
        min(processed_at) as refunded_at,
        sum(refunded_amount) as refunded_amount
    from {{ ref('stg_shopify__refunds') }}
    where return_id is not null
    group by shop, return_id
),

placed as (
    select
        keys.shop,
        keys.return_key,
        keys.return_id,
        coalesce(shop_returns.order_id, keys.order_id) as order_id,
        coalesce(shop_returns.name, at_partner.rma_number, in_erp.rma_number) as return_name,
        shop_returns.status,
        shop_returns.total_quantity as announced_units,
        shop_returns.created_at as announced_at,
        shop_returns.closed_at,
        at_partner.partner,
        at_partner.warehouse_code,
        at_partner.received_at,
        at_partner.completed_at as inspected_at,
        {% for measure in ['received', 'restock', 'quarantine', 'dispose', 'refurbish'] -%}
        at_partner.{{ measure }}_units,
        {% endfor -%}
        in_erp.received_at as erp_received_at,
        in_erp.received_units as erp_received_units,
        in_erp.restocked_units as erp_restocked_units,
        coalesce(
            at_partner.first_restocked_at, case when in_erp.restocked_units > 0 then in_erp.received_at end
        ) as restocked_at,
        refunded.refunded_at,
        refunded.refunded_amount,
        shops.currency,
        shops.iana_timezone as time_zone
    from keys
    inner join {{ ref('stg_shopify__shops') }} as shops on keys.shop = shops.shop
    left join shop_returns on keys.shop = shop_returns.shop and keys.return_id = shop_returns.return_id
    left join at_partner on keys.shop = at_partner.shop and keys.return_key = at_partner.return_key
    left join in_erp on keys.shop = in_erp.shop and keys.return_key = in_erp.return_key
    left join refunded on keys.shop = refunded.shop and keys.return_id = refunded.return_id
),

final as (
    select
        *,
        case
            when restocked_at is not null then 'restocked'
            when dispose_units > 0 then 'disposed'
            when quarantine_units > 0 or refurbish_units > 0 then 'held'
            when coalesce(received_at, erp_received_at) is not null then 'received'
            else 'announced'
        end as stage,
        {{ days_between(business_date('announced_at', 'time_zone'), business_date('received_at', 'time_zone')) }}
            as days_to_receive,
        {{ days_between(business_date('announced_at', 'time_zone'), business_date('restocked_at', 'time_zone')) }}
            as days_to_restock,
        {{ days_between(business_date('announced_at', 'time_zone'), business_date('refunded_at', 'time_zone')) }}
            as days_to_refund
    from placed
)

select * from final
