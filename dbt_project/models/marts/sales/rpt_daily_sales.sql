-- The sales report of each shop: sales on the day of the order, reversals on the day they are made. A day can be
-- negative, and a past day does not change when a return arrives later. An increment sums those days anew on which a
-- row of the facts was written or deleted.
{{ config(
    materialized='incremental',
    pre_hook=changed_days_hooks(['fct_sales', 'int_orders__totals'], 'sale_date')
) }}

with sales_of_days as (
    select
        shop,
        sale_date,
        currency,
        sum(units_sold) as units_sold,
        sum(units_reversed) as units_reversed,
        sum(gross_sales_amount) as gross_sales_amount,
        sum(discounts_amount) as discounts_amount,
        sum(sales_reversals_amount) as sales_reversals_amount,
        sum(net_sales_amount) as net_sales_amount,
        sum(shipping_amount) as shipping_amount,
        sum(duties_amount) as duties_amount,
        sum(fees_amount) as fees_amount,
        sum(taxes_amount) as taxes_amount,
        sum(total_sales_amount) as total_sales_amount,
        sum(tips_amount) as tips_amount,
        sum(gift_card_sales_amount) as gift_card_sales_amount,
        sum(gross_sales_reporting_amount) as gross_sales_reporting_amount,
        sum(net_sales_reporting_amount) as net_sales_reporting_amount,
        sum(total_sales_reporting_amount) as total_sales_reporting_amount
    from {{ ref('fct_sales') }}
    where {{ is_on_changed_day('fct_sales', 'sale_date') }}
    group by shop, sale_date, currency
),

-- Counted where an order is one row: distinct orders of millions of sales would cost more than all sums together.
orders_of_days as (
    select
        shop,
        order_date,
        currency,
        count(*) as orders_count
    from {{ ref('int_orders__totals') }}
    where ledger_extracted_at is not null and {{ is_on_changed_day('int_orders__totals', 'order_date') }}
    group by shop, order_date, currency
),

final as (
    select
        sales_of_days.shop,
        sales_of_days.sale_date,
        sales_of_days.currency,
        coalesce(orders_of_days.orders_count, 0) as orders_count,
        cast(sales_of_days.units_sold as bigint) as units_sold,
        cast(sales_of_days.units_reversed as bigint) as units_reversed,
        {{ money('sales_of_days.gross_sales_amount') }} as gross_sales_amount,
        {{ money('sales_of_days.discounts_amount') }} as discounts_amount,
        {{ money('sales_of_days.sales_reversals_amount') }} as sales_reversals_amount,
        {{ money('sales_of_days.net_sales_amount') }} as net_sales_amount,
        {{ money('sales_of_days.shipping_amount') }} as shipping_amount,
        {{ money('sales_of_days.duties_amount') }} as duties_amount,
        {{ money('sales_of_days.fees_amount') }} as fees_amount,
        {{ money('sales_of_days.taxes_amount') }} as taxes_amount,
        {{ money('sales_of_days.total_sales_amount') }} as total_sales_amount,
        {{ money('sales_of_days.tips_amount') }} as tips_amount,
        {{ money('sales_of_days.gift_card_sales_amount') }} as gift_card_sales_amount,
        -- before anything that happened to the orders later
        {{ amount_per(
            '(sales_of_days.gross_sales_amount - sales_of_days.discounts_amount)', 'orders_of_days.orders_count'
        ) }} as average_order_value_amount,
        {{ reporting_currency() }} as reporting_currency,
        {{ money('sales_of_days.gross_sales_reporting_amount') }} as gross_sales_reporting_amount,
        {{ money('sales_of_days.net_sales_reporting_amount') }} as net_sales_reporting_amount,
        {{ money('sales_of_days.total_sales_reporting_amount') }} as total_sales_reporting_amount,
        {{ built_now() }} as built_at
    from sales_of_days
    left join orders_of_days
        on
            sales_of_days.shop = orders_of_days.shop
            and sales_of_days.sale_date = orders_of_days.order_date
            and sales_of_days.currency = orders_of_days.currency
)

select * from final
