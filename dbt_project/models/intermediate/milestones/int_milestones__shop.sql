-- What the shop says happened to its orders: placed, paid, fulfilled, refunded, cancelled.
{{ config(materialized='view') }}

with shop_orders as (
    select
        shop,
        order_id,
        name,
        currency,
        total_amount,
        processed_at,
        cancelled_at
    from {{ ref('stg_shopify__orders') }}
    where not is_deleted
),

final as (
    select
        shop,
        order_id,
        'shop' as system,
        shop as connection,
        'placed' as milestone,
        {{ text('order_id') }} as document_id,
        processed_at as occurred_at,
        name as reference,
        total_amount as amount,
        currency
    from shop_orders
    union all
    select
        shop,
        order_id,
        'shop' as system,
        shop as connection,
        'cancelled' as milestone,
        {{ text('order_id') }} as document_id,
        cancelled_at as occurred_at,
        name as reference,
        {{ money('null') }} as amount,
        {{ text('null') }} as currency
    from shop_orders
    where cancelled_at is not null
    union all
    select
        transactions.shop,
        transactions.order_id,
        'shop' as system,
        transactions.shop as connection,
        case when transactions.kind = 'REFUND' then 'money refunded' else 'paid' end as milestone,
        {{ text('transactions.transaction_id') }} as document_id,
        transactions.processed_at as occurred_at,
        {{ text('transactions.transaction_id') }} as reference,
        transactions.amount,
        shop_orders.currency
    from {{ ref('stg_shopify__order_transactions') }} as transactions
    inner join shop_orders
        on transactions.shop = shop_orders.shop and transactions.order_id = shop_orders.order_id
    where transactions.status = 'SUCCESS' and transactions.kind in ('SALE', 'CAPTURE', 'REFUND')
    union all
    select
        shop,
        order_id,
        'shop' as system,
        shop as connection,
        'fulfilled' as milestone,
        {{ text('fulfillment_id') }} as document_id,
        created_at as occurred_at,
        coalesce(tracking_number, name) as reference,
        {{ money('null') }} as amount,
        {{ text('null') }} as currency
    from {{ ref('stg_shopify__fulfillments') }}
    where status = 'SUCCESS'
    union all
    select
        refunds.shop,
        refunds.order_id,
        'shop' as system,
        refunds.shop as connection,
        'refund decided' as milestone,
        {{ text('refunds.refund_id') }} as document_id,
        refunds.created_at as occurred_at,
        {{ text('refunds.refund_id') }} as reference,
        refunds.refunded_amount as amount,
        shop_orders.currency
    from {{ ref('stg_shopify__refunds') }} as refunds
    inner join shop_orders on refunds.shop = shop_orders.shop and refunds.order_id = shop_orders.order_id
)

select * from final
