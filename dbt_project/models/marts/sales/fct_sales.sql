{{ config(
    materialized='incremental',
    pre_hook=changed_orders_hooks({
        'orders_extracted_at': ['stg_shopify__orders'],
        'ledger_extracted_at': ['stg_shopify__sales_agreements', 'stg_shopify__sales'],
    }, day='sale_date'),
    post_hook=note_days_hook('sale_date')
) }}

with agreements as (
    select agreements.*
    from {{ ref('stg_shopify__sales_agreements') }} as agreements
    where {{ is_of_changed_order('agreements') }}
),

orders as (
    select orders.*
    from {{ ref('stg_shopify__orders') }} as orders
    where {{ is_of_changed_order('orders') }} and not orders.is_test and not orders.is_deleted
),

sales as (
    select * from {{ ref('int_sales__classified') }}
),

shops as (
    select * from {{ ref('stg_shopify__shops') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates__daily') }}
),

agreed as (
    select
        agreements.shop,
        agreements.agreement_id,
        agreements.order_id,
        agreements.agreement_type,
        agreements.extracted_at,
        orders.customer_id,
        orders.currency,
        orders.extracted_at as orders_extracted_at,
        -- An imported order was agreed on when it was placed, not when it was imported.
        case
            when agreements.agreement_type = 'OrderAgreement' then orders.processed_at
            else agreements.happened_at
        end as happened_at,
        shops.iana_timezone
    from agreements
    inner join orders on agreements.shop = orders.shop and agreements.order_id = orders.order_id
    inner join shops on agreements.shop = shops.shop
),

dated as (
    select
        *,
        {{ business_date('happened_at', 'iana_timezone') }} as sale_date
    from agreed
),

rated as {{ computed_first() }}(
    select
        dated.*,
        exchange_rates.exchange_rate
    from dated
    left join exchange_rates
        on dated.currency = exchange_rates.currency and dated.sale_date = exchange_rates.rate_date
),

final as (
    select
        sales.shop,
        sales.sale_id,
        sales.agreement_id,
        rated.order_id,
        sales.order_line_id,
        rated.customer_id,
        rated.sale_date,
        rated.happened_at,
        rated.agreement_type,
        sales.action_type,
        sales.line_type,
        sales.is_reversal,
        sales.units_sold,
        sales.units_reversed,
        rated.currency,
        {{ money('sales.gross_sales_amount') }} as gross_sales_amount,
        {{ money('sales.discounts_amount') }} as discounts_amount,
        {{ money('sales.sales_reversals_amount') }} as sales_reversals_amount,
        {{ money('sales.net_sales_amount') }} as net_sales_amount,
        {{ money('sales.shipping_amount') }} as shipping_amount,
        {{ money('sales.duties_amount') }} as duties_amount,
        {{ money('sales.fees_amount') }} as fees_amount,
        {{ money('sales.taxes_amount') }} as taxes_amount,
        {{ money('sales.total_sales_amount') }} as total_sales_amount,
        {{ money('sales.tips_amount') }} as tips_amount,
        {{ money('sales.gift_card_sales_amount') }} as gift_card_sales_amount,
        {{ money('sales.unclassified_amount') }} as unclassified_amount,
        {{ reporting_currency() }} as reporting_currency,
        rated.exchange_rate,
        {{ converted('sales.gross_sales_amount', 'rated.exchange_rate') }} as gross_sales_reporting_amount,
        {{ converted('sales.discounts_amount', 'rated.exchange_rate') }} as discounts_reporting_amount,
        {{ converted('sales.sales_reversals_amount', 'rated.exchange_rate') }}
            as sales_reversals_reporting_amount,
        {{ converted('sales.net_sales_amount', 'rated.exchange_rate') }} as net_sales_reporting_amount,
        {{ converted('sales.total_sales_amount', 'rated.exchange_rate') }} as total_sales_reporting_amount,
        rated.iana_timezone as time_zone,
        rated.orders_extracted_at,
        greatest(sales.extracted_at, rated.extracted_at) as ledger_extracted_at
    from rated
    inner join sales on rated.shop = sales.shop and rated.agreement_id = sales.agreement_id
)

select * from final
