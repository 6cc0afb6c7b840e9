-- An order without a single sale in the ledger: its amounts are null until the ledger arrives.
{{ config(severity='warn') }}

select
    shop,
    order_id,
    order_name
from {{ ref('fct_orders') }}
where ledger_extracted_at is null
