-- The sales ledger in the words of Shopify's sales reports: each sale's amount falls into one kind of money. See the
-- docs block `sales_ledger`. A projection without joins, so that what is asked of it reaches the ledger's scan.
{{ config(materialized='view') }}

with sales as (
    select
        shop,
        sale_id,
        agreement_id,
        order_line_id,
        action_type,
        line_type,
        coalesce(quantity, 0) as quantity,
        total_amount,
        tax_amount,
        total_amount - tax_amount as untaxed_amount,
        discount_before_taxes_amount as discount_amount,
        line_type in ('PRODUCT', 'ADJUSTMENT') as is_merchandise,
        line_type in ('TIP', 'GIFT_CARD', 'UNKNOWN') as is_outside_sales,
        extracted_at
    from {{ ref('stg_shopify__sales') }}
),

signed as (
    select
        *,
        -- Returned, cancelled, edited away, or given back without an item. A price cut by an edit has a gross value
        -- of zero: it is a discount, not a reversal.
        is_merchandise
        and (
            line_type = 'ADJUSTMENT'
            or action_type = 'RETURN'
            or quantity < 0
            or untaxed_amount + discount_amount < 0
        ) as is_reversal
    from sales
),

classified as (
    select
        shop,
        sale_id,
        agreement_id,
        order_line_id,
        action_type,
        line_type,
        is_reversal,
        case when is_merchandise and not is_reversal then quantity else 0 end as units_sold,
        case when is_reversal then abs(quantity) else 0 end as units_reversed,
        case when is_merchandise and not is_reversal then untaxed_amount + discount_amount else 0 end
            as gross_sales_amount,
        case when is_merchandise and not is_reversal then discount_amount else 0 end as discounts_amount,
        case when is_reversal then -untaxed_amount else 0 end as sales_reversals_amount,
        case when is_merchandise then untaxed_amount else 0 end as net_sales_amount,
        case when line_type = 'SHIPPING' then untaxed_amount else 0 end as shipping_amount,
        case when line_type = 'DUTY' then untaxed_amount else 0 end as duties_amount,
        case when line_type in ('FEE', 'ADDITIONAL_FEE') then untaxed_amount else 0 end as fees_amount,
        case when is_outside_sales then 0 else tax_amount end as taxes_amount,
        case when is_outside_sales then 0 else total_amount end as total_sales_amount,
        case when line_type = 'TIP' then total_amount else 0 end as tips_amount,
        case when line_type = 'GIFT_CARD' then total_amount else 0 end as gift_card_sales_amount,
        case when line_type = 'UNKNOWN' then total_amount else 0 end as unclassified_amount,
        extracted_at
    from signed
)

select * from classified
