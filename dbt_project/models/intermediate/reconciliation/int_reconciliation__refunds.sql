-- One row a refund of the shop: what was to come back to a partner's warehouse, and the credit memos of the ERP.
{{ config(materialized='view') }}

with refunds as (
    select * from {{ ref('stg_shopify__refunds') }}
),

goods as (
    select
        lines.shop,
        lines.refund_id,
        max(places.partner) as partner,
        sum(lines.quantity * coalesce(kits.quantity, 1)) as units,
        max(case when lines.is_restocked then 1 else 0 end) as is_restocked
    from {{ ref('stg_shopify__refund_lines') }} as lines
    inner join {{ ref('stg_shopify__order_lines') }} as order_lines
        on lines.shop = order_lines.shop and lines.order_line_id = order_lines.order_line_id
    inner join {{ ref('stg_shopify__orders') }} as orders
        on lines.shop = orders.shop and lines.order_id = orders.order_id
    left join {{ ref('int_xref__locations') }} as places
        on lines.shop = places.shop and lines.location_id = places.location_id and places.warehouse_code is not null
    left join {{ ref('int_xref__kits') }} as kits
        on
            order_lines.sku = kits.kit_sku
            and {{ business_date('orders.processed_at', "'UTC'") }} between kits.valid_from and kits.valid_to
    where lines.restock_type = 'RETURN'
    group by lines.shop, lines.refund_id
),

memos as (
    select
        erp,
        {{ reference('shopify_refund_reference', 'Refund') }} as reference,
        count(*) as memos_count,
        sum(total_amount) as total_amount,
        min(number) as number,
        min(created_at) as created_at
    from {{ ref('stg_erp__credit_memos') }}
    where status != 'void'
    group by erp, {{ reference('shopify_refund_reference', 'Refund') }}
),

final as (
    select
        refunds.shop,
        refunds.refund_id,
        refunds.order_id,
        refunds.return_id,
        refunds.created_at,
        refunds.refunded_amount,
        orders.currency,
        orders.erp,
        orders.sales_order_id,
        goods.partner,
        coalesce(goods.units, 0) as units,
        coalesce(goods.is_restocked, 0) = 1 as is_restocked,
        coalesce(memos.memos_count, 0) as memos_count,
        memos.number as memo_number,
        memos.total_amount as memo_amount,
        memos.created_at as memo_created_at
    from refunds
    inner join {{ ref('int_reconciliation__orders') }} as orders
        on refunds.shop = orders.shop and refunds.order_id = orders.order_id
    left join goods on refunds.shop = goods.shop and refunds.refund_id = goods.refund_id
    left join memos on orders.erp = memos.erp and {{ text('refunds.refund_id') }} = memos.reference
)

select * from final
