-- What became of an order's money: the payout that it went out with, and the entry of that payout in the books.
{{ config(materialized='view') }}

with payouts as (
    select
        balance.shop,
        balance.order_id,
        balance.balance_transaction_id,
        balance.type,
        balance.net_amount,
        balance.currency,
        payouts.issued_at,
        payouts.payout_id
    from {{ ref('stg_shopify__balance_transactions') }} as balance
    inner join {{ ref('stg_shopify__payouts') }} as payouts
        on balance.shop = payouts.shop and balance.payout_id = payouts.payout_id
    where balance.order_id is not null
),

deposits as (
    select
        reference,
        min(erp) as erp,
        min(created_at) as created_at,
        min(document_number) as document_number
    from {{ ref('stg_erp__gl_entries') }}
    where account_type = 'bank' and reference is not null
    group by reference
),

final as (
    select
        shop,
        order_id,
        'payments' as system,
        shop as connection,
        'paid out' as milestone,
        {{ text('balance_transaction_id') }} as document_id,
        issued_at as occurred_at,
        {{ text('payout_id') }} as reference,
        net_amount as amount,
        currency
    from payouts
    union all
    select
        payouts.shop,
        payouts.order_id,
        'ledger' as system,
        deposits.erp as connection,
        'payout in the books' as milestone,
        {{ text('payouts.balance_transaction_id') }} as document_id,
        deposits.created_at as occurred_at,
        deposits.document_number as reference,
        {{ money('null') }} as amount,
        {{ text('null') }} as currency
    from payouts
    inner join deposits on {{ text('payouts.payout_id') }} = deposits.reference
    where payouts.type = 'CHARGE'
)

select * from final
