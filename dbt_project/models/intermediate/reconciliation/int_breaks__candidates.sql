-- All disagreements there are now, whatever their age. Each group of codes is a model of its own. Two records may bear
-- the name that a break goes by (one tracking number on two orders): the earliest is told.
{{ config(materialized='view') }}

with found as (
    {% for found in [
        'int_breaks__orders',
        'int_breaks__order_handling',
        'int_breaks__order_contents',
        'int_breaks__amounts',
        'int_breaks__prices',
        'int_breaks__invoices',
        'int_breaks__fulfillment',
        'int_breaks__parcels',
        'int_breaks__inventory',
        'int_breaks__counts',
        'int_breaks__receipts',
        'int_breaks__adjustments',
        'int_breaks__erp_stock',
        'int_breaks__returns',
        'int_breaks__refunds',
        'int_breaks__ledger',
        'int_breaks__liabilities',
        'int_breaks__references',
        'int_breaks__item_data',
        'int_breaks__bundles',
        'int_breaks__feeds',
        'int_breaks__payments',
        'int_breaks__money_back',
        'int_breaks__payouts',
    ] %}
    select
        {{ candidate_columns() | join(', ') }}
    from {{ ref(found) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select *
from found
where true
qualify row_number() over (partition by code, shop, object_key order by since, order_id, evidence) = 1
