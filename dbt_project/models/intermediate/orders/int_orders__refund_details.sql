-- What a refund consists of. Its money moved is on the refund itself and need not equal these sums.
{{ config(materialized='view') }}

with lines_of_refunds as (
    select
        shop,
        refund_id,
        sum(quantity) as units,
        sum(case when is_restocked then quantity else 0 end) as units_restocked,
        sum(subtotal_amount) as lines_amount,
        sum(tax_amount) as tax_amount,
        max(extracted_at) as extracted_at
    from {{ ref('stg_shopify__refund_lines') }}
    group by shop, refund_id
),

shipping_of_refunds as (
    select
        shop,
        refund_id,
        sum(subtotal_amount) as shipping_amount,
        sum(tax_amount) as tax_amount,
        max(extracted_at) as extracted_at
    from {{ ref('stg_shopify__refund_shipping_lines') }}
    group by shop, refund_id
),

adjustments_of_refunds as (
    select
        shop,
        refund_id,
        sum(amount) as adjustments_amount,
        sum(tax_amount) as tax_amount,
        max(extracted_at) as extracted_at
    from {{ ref('stg_shopify__refund_adjustments') }}
    group by shop, refund_id
),

parts as (
    select
        shop,
        refund_id,
        units,
        units_restocked,
        lines_amount,
        0 as shipping_amount,
        0 as adjustments_amount,
        tax_amount,
        extracted_at
    from lines_of_refunds
    union all
    select
        shop,
        refund_id,
        0 as units,
        0 as units_restocked,
        0 as lines_amount,
        shipping_amount,
        0 as adjustments_amount,
        tax_amount,
        extracted_at
    from shipping_of_refunds
    union all
    select
        shop,
        refund_id,
        0 as units,
        0 as units_restocked,
        0 as lines_amount,
        0 as shipping_amount,
        adjustments_amount,
        tax_amount,
        extracted_at
    from adjustments_of_refunds
),

summed as (
    select
        shop,
        refund_id,
        sum(units) as units,
        sum(units_restocked) as units_restocked,
        sum(lines_amount) as lines_amount,
        sum(shipping_amount) as shipping_amount,
        sum(adjustments_amount) as adjustments_amount,
        sum(tax_amount) as taxes_amount,
        max(extracted_at) as details_extracted_at
    from parts
    group by shop, refund_id
)

select * from summed
