{{ config(
    materialized='incremental',
    pre_hook=changed_orders_hooks({
        'extracted_at': [
            'stg_shopify__orders',
            'stg_shopify__order_lines',
            'stg_shopify__order_line_discounts',
            'stg_shopify__order_line_taxes',
        ],
    })
) }}

with orders as {{ computed_first() }}(
    select
        orders.shop,
        orders.order_id,
        orders.customer_id,
        orders.currency,
        orders.taxes_included,
        orders.extracted_at,
        {{ business_date('orders.processed_at', 'shops.iana_timezone') }} as order_date,
        shops.iana_timezone as time_zone
    from {{ ref('stg_shopify__orders') }} as orders
    inner join {{ ref('stg_shopify__shops') }} as shops on orders.shop = shops.shop
    where {{ is_of_changed_order('orders') }} and not orders.is_test and not orders.is_deleted
),

lines as {{ computed_first() }}(
    select
        lines.*,
        orders.customer_id,
        orders.currency,
        orders.taxes_included,
        orders.order_date,
        orders.time_zone,
        orders.extracted_at as order_extracted_at
    from {{ ref('stg_shopify__order_lines') }} as lines
    inner join orders on lines.shop = orders.shop and lines.order_id = orders.order_id
    where {{ is_of_changed_order('lines') }}
),

discounts_of_lines as (
    select
        discounts.shop,
        discounts.order_line_id,
        sum(discounts.allocated_amount) as discounts_amount,
        max(discounts.extracted_at) as extracted_at
    from {{ ref('stg_shopify__order_line_discounts') }} as discounts
    where {{ is_of_changed_order('discounts') }}
    group by discounts.shop, discounts.order_line_id
),

taxes_of_lines as (
    select
        taxes.shop,
        taxes.order_line_id,
        sum(taxes.tax_amount) as taxes_amount,
        max(taxes.extracted_at) as extracted_at
    from {{ ref('stg_shopify__order_line_taxes') }} as taxes
    where {{ is_of_changed_order('taxes') }}
    group by taxes.shop, taxes.order_line_id
),

measured as {{ computed_first() }}(
    select
        lines.*,
        coalesce(discounts_of_lines.discounts_amount, 0) as discounts_amount,
        coalesce(taxes_of_lines.taxes_amount, 0) as taxes_amount,
        -- Where prices include tax, what the buyer paid for the line holds the tax.
        lines.original_total_amount
        - coalesce(discounts_of_lines.discounts_amount, 0)
        - case when lines.taxes_included then coalesce(taxes_of_lines.taxes_amount, 0) else 0 end as net_amount,
        greatest(
            lines.order_extracted_at,
            lines.extracted_at,
            coalesce(discounts_of_lines.extracted_at, lines.extracted_at),
            coalesce(taxes_of_lines.extracted_at, lines.extracted_at)
        ) as newest_extracted_at
    from lines
    left join discounts_of_lines
        on lines.shop = discounts_of_lines.shop and lines.order_line_id = discounts_of_lines.order_line_id
    left join taxes_of_lines
        on lines.shop = taxes_of_lines.shop and lines.order_line_id = taxes_of_lines.order_line_id
),

final as (
    select
        measured.shop,
        measured.order_line_id,
        measured.order_id,
        measured.customer_id,
        measured.product_id,
        measured.variant_id,
        measured.order_date,
        measured.sku,
        measured.title,
        measured.variant_title,
        measured.vendor,
        measured.is_gift_card,
        measured.quantity,
        measured.current_quantity,
        measured.currency,
        measured.unit_price_amount,
        measured.original_total_amount as list_amount,
        {{ money('measured.discounts_amount') }} as discounts_amount,
        {{ money('measured.taxes_amount') }} as taxes_amount,
        {{ money('measured.net_amount') }} as net_amount,
        {{ reporting_currency() }} as reporting_currency,
        {{ converted('measured.net_amount', 'exchange_rates.exchange_rate') }} as net_reporting_amount,
        measured.time_zone,
        measured.newest_extracted_at as extracted_at
    from measured
    left join {{ ref('int_exchange_rates__daily') }} as exchange_rates
        on measured.currency = exchange_rates.currency and measured.order_date = exchange_rates.rate_date
)

select * from final
