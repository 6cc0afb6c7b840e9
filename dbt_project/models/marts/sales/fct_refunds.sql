{{ config(
    materialized='incremental',
    pre_hook=changed_orders_hooks({
        'orders_extracted_at': ['stg_shopify__orders', 'stg_shopify__refunds'],
        'details_extracted_at': [
            'stg_shopify__refund_lines',
            'stg_shopify__refund_adjustments',
            'stg_shopify__refund_shipping_lines',
        ],
    })
) }}

with refunds as {{ computed_first() }}(
    select
        refunds.shop,
        refunds.refund_id,
        refunds.order_id,
        refunds.return_id,
        refunds.processed_at,
        refunds.refunded_amount,
        orders.customer_id,
        orders.currency,
        {{ business_date('refunds.processed_at', 'shops.iana_timezone') }} as refund_date,
        shops.iana_timezone as time_zone,
        greatest(refunds.extracted_at, orders.extracted_at) as orders_extracted_at
    from {{ ref('stg_shopify__refunds') }} as refunds
    inner join {{ ref('stg_shopify__orders') }} as orders
        on refunds.shop = orders.shop and refunds.order_id = orders.order_id
    inner join {{ ref('stg_shopify__shops') }} as shops on refunds.shop = shops.shop
    where {{ is_of_changed_order('refunds') }} and not orders.is_test and not orders.is_deleted
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates__daily') }}
),

details as (
    select * from {{ ref('int_orders__refund_details') }}
),

measured as {{ computed_first() }}(
    select
        refunds.*,
        details.details_extracted_at,
        coalesce(details.units, 0) as units,
        coalesce(details.units_restocked, 0) as units_restocked,
        coalesce(details.lines_amount, 0) as lines_amount,
        coalesce(details.shipping_amount, 0) as shipping_amount,
        coalesce(details.taxes_amount, 0) as taxes_amount,
        coalesce(details.adjustments_amount, 0) as adjustments_amount
    from refunds
    left join details on refunds.shop = details.shop and refunds.refund_id = details.refund_id
),

final as (
    select
        measured.shop,
        measured.refund_id,
        measured.order_id,
        measured.return_id,
        measured.customer_id,
        measured.refund_date,
        measured.processed_at as refunded_at,
        measured.refunded_amount = 0 as is_restock_only,
        cast(measured.units as bigint) as units,
        cast(measured.units_restocked as bigint) as units_restocked,
        measured.currency,
        measured.refunded_amount,
        {{ money('measured.lines_amount') }} as lines_amount,
        {{ money('measured.shipping_amount') }} as shipping_amount,
        {{ money('measured.taxes_amount') }} as taxes_amount,
        {{ money('measured.adjustments_amount') }} as adjustments_amount,
        {{ reporting_currency() }} as reporting_currency,
        {{ converted('measured.refunded_amount', 'exchange_rates.exchange_rate') }} as refunded_reporting_amount,
        measured.time_zone,
        measured.orders_extracted_at,
        measured.details_extracted_at
    from measured
    left join exchange_rates
        on measured.currency = exchange_rates.currency and measured.refund_date = exchange_rates.rate_date
)

select * from final
