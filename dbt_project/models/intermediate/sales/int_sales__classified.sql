-- Shopify's sales ledger, sale by sale, in the words of its sales reports. See the docs block `sales_ledger`.
{{ config(materialized='view') }}

with sales as (
    select * from {{ ref('stg_shopify__sales') }}
),

agreements as (
    select * from {{ ref('stg_shopify__sales_agreements') }}
),

real_orders as (
    select * from {{ ref('stg_shopify__orders') }}
    where not is_test and not is_deleted
),

shops as (
    select * from {{ ref('stg_shopify__shops') }}
),

dated as (
    select
        sales.shop,
        sales.sale_id,
        sales.agreement_id,
        sales.order_line_id,
        sales.shipping_line_id,
        agreements.order_id,
        real_orders.customer_id,
        agreements.agreement_type,
        sales.action_type,
        sales.line_type,
        coalesce(sales.quantity, 0) as quantity,
        sales.total_amount,
        sales.tax_amount,
        sales.total_amount - sales.tax_amount as untaxed_amount,
        sales.discount_before_taxes_amount as discount_amount,
        real_orders.currency,
        -- An imported order is agreed on when it was placed, not when it was imported.
        case
            when agreements.agreement_type = 'OrderAgreement' then real_orders.processed_at
            else agreements.happened_at
        end as happened_at,
        shops.iana_timezone,
        real_orders.extracted_at as orders_extracted_at,
        sales.extracted_at as sales_extracted_at,
        agreements.extracted_at as agreements_extracted_at
    from sales
    inner join agreements on sales.shop = agreements.shop and sales.agreement_id = agreements.agreement_id
    inner join real_orders on agreements.shop = real_orders.shop and agreements.order_id = real_orders.order_id
    inner join shops on sales.shop = shops.shop
),

classified as (
    select
        *,
        line_type in ('PRODUCT', 'ADJUSTMENT') as is_merchandise,
        -- Returned, cancelled, edited away, or given back without an item. A price cut by edit has a gross value of
        -- zero: it is a discount, not a reversal.
        line_type = 'ADJUSTMENT'
        or action_type = 'RETURN'
        or quantity < 0
        or untaxed_amount + discount_amount < 0 as is_reversal
    from dated
)

select * from classified
