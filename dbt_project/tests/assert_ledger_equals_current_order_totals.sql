-- An order whose ledger does not come to its current total. Known exceptions, which are Shopify's: cash rounding, and
-- payments in a presentment currency; so it warns. Orders that lost their ledger to an extraction under way are not
-- compared.
{{ config(severity='warn') }}

select
    shop,
    order_id,
    order_name,
    current_total_amount,
    total_sales_amount + tips_amount + gift_card_sales_amount as ledger_amount
from {{ ref('fct_orders') }}
where
    ledger_extracted_at is not null
    and abs(current_total_amount - (total_sales_amount + tips_amount + gift_card_sales_amount)) > 0.011
