{{ config(
    materialized='incremental',
    pre_hook=changed_orders_hooks({
        'orders_extracted_at': ['stg_shopify__orders', 'stg_shopify__order_lines'],
        'ledger_extracted_at': ['stg_shopify__sales_agreements', 'stg_shopify__sales'],
    }, day='order_date'),
    post_hook=note_days_hook('order_date')
) }}

with orders as {{ computed_first() }}(
    select
        orders.*,
        {{ business_date('orders.processed_at', 'shops.iana_timezone') }} as order_date,
        shops.iana_timezone as time_zone
    from {{ ref('stg_shopify__orders') }} as orders
    inner join {{ ref('stg_shopify__shops') }} as shops on orders.shop = shops.shop
    where {{ is_of_changed_order('orders') }} and not orders.is_test and not orders.is_deleted
),

lines_of_orders as (
    select
        lines.shop,
        lines.order_id,
        count(*) as lines_count,
        sum(lines.quantity) as units_ordered,
        max(lines.extracted_at) as lines_extracted_at
    from {{ ref('stg_shopify__order_lines') }} as lines
    where {{ is_of_changed_order('lines') }}
    group by lines.shop, lines.order_id
),

orders_with_lines as {{ computed_first() }}(
    select
        orders.*,
        coalesce(lines_of_orders.lines_count, 0) as lines_count,
        cast(coalesce(lines_of_orders.units_ordered, 0) as bigint) as units_ordered,
        greatest(
            orders.extracted_at, coalesce(lines_of_orders.lines_extracted_at, orders.extracted_at)
        ) as orders_extracted_at
    from orders
    left join lines_of_orders on orders.shop = lines_of_orders.shop and orders.order_id = lines_of_orders.order_id
),

sales_of_orders as (
    select
        sales.shop,
        sales.order_id,
        sum(sales.units_sold) as units_sold,
        sum(sales.gross_sales_amount) as gross_sales_amount,
        sum(sales.discounts_amount) as discounts_amount,
        sum(sales.sales_reversals_amount) as sales_reversals_amount,
        sum(sales.net_sales_amount) as net_sales_amount,
        sum(sales.shipping_amount) as shipping_amount,
        sum(sales.taxes_amount) as taxes_amount,
        sum(sales.total_sales_amount) as total_sales_amount,
        sum(sales.tips_amount) as tips_amount,
        sum(sales.gift_card_sales_amount) as gift_card_sales_amount,
        sum(sales.net_sales_reporting_amount) as net_sales_reporting_amount,
        sum(sales.total_sales_reporting_amount) as total_sales_reporting_amount,
        max(sales.ledger_extracted_at) as ledger_extracted_at
    from {{ ref('fct_sales') }} as sales
    where {{ is_of_changed_order('sales') }}
    group by sales.shop, sales.order_id
),

final as (
    select
        orders.shop,
        orders.order_id,
        orders.name as order_name,
        orders.customer_id,
        orders.company_id,
        orders.retail_location_id,
        orders.order_date,
        orders.processed_at as placed_at,
        orders.cancelled_at,
        orders.source_name as sales_channel,
        orders.financial_status,
        orders.fulfillment_status,
        orders.return_status,
        orders.discount_codes,
        orders.shipping_country_code,
        orders.cancelled_at is not null as is_cancelled,
        orders.is_edited,
        orders.taxes_included,
        orders.lines_count,
        orders.units_ordered,
        cast(sales_of_orders.units_sold as bigint) as units_sold,
        orders.currency,
        orders.original_total_amount,
        orders.total_amount as order_total_amount,
        orders.current_total_amount,
        orders.received_amount,
        orders.refunded_amount,
        orders.outstanding_amount,
        {{ money('sales_of_orders.gross_sales_amount') }} as gross_sales_amount,
        {{ money('sales_of_orders.discounts_amount') }} as discounts_amount,
        {{ money('sales_of_orders.sales_reversals_amount') }} as sales_reversals_amount,
        {{ money('sales_of_orders.net_sales_amount') }} as net_sales_amount,
        {{ money('sales_of_orders.shipping_amount') }} as shipping_amount,
        {{ money('sales_of_orders.taxes_amount') }} as taxes_amount,
        {{ money('sales_of_orders.total_sales_amount') }} as total_sales_amount,
        {{ money('sales_of_orders.tips_amount') }} as tips_amount,
        {{ money('sales_of_orders.gift_card_sales_amount') }} as gift_card_sales_amount,
        {{ reporting_currency() }} as reporting_currency,
        {{ money('sales_of_orders.net_sales_reporting_amount') }} as net_sales_reporting_amount,
        {{ money('sales_of_orders.total_sales_reporting_amount') }} as total_sales_reporting_amount,
        orders.time_zone,
        orders.orders_extracted_at,
        sales_of_orders.ledger_extracted_at,
        {{ built_now() }} as built_at
    from orders_with_lines as orders
    left join sales_of_orders on orders.shop = sales_of_orders.shop and orders.order_id = sales_of_orders.order_id
)

select * from final
