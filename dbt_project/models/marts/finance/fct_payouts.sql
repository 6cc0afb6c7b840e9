-- From what buyers paid to the bank: balance transactions, the payout they add up to, the bank's line, the ledger.
with payouts as (
    select * from {{ ref('stg_shopify__payouts') }}
),

movements as (
    select * from {{ ref('int_payouts__movements') }}
),

deposits as (
    select * from {{ ref('int_payouts__deposits') }}
),

bank_lines as (
    select * from {{ ref('int_payouts__bank_lines') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates__daily') }}
),

measured as (
    select
        payouts.*,
        case when payouts.status in ('FAILED', 'CANCELED') then 0 else payouts.net_amount end as due_amount,
        -- Batches close at midnight UTC.
        {{ business_date('payouts.issued_at', "'UTC'") }} as issued_date,
        coalesce(movements.movements_count, 0) as movements_count,
        coalesce(movements.charges_amount, 0) as charges_amount,
        coalesce(movements.refunds_amount, 0) as refunds_amount,
        coalesce(movements.disputes_amount, 0) as disputes_amount,
        coalesce(movements.reserves_amount, 0) as reserves_amount,
        coalesce(movements.adjustments_amount, 0) as adjustments_amount,
        coalesce(movements.retried_amount, 0) as retried_amount,
        coalesce(movements.fees_amount, 0) as fees_amount,
        coalesce(movements.net_amount, 0) as movements_net_amount,
        bank_lines.value_date as bank_date,
        bank_lines.amount as bank_amount,
        coalesce(bank_lines.lines_count, 0) as bank_lines_count,
        deposits.document_number as ledger_document_number,
        deposits.posting_date as ledger_date,
        deposits.bank_amount as ledger_bank_amount,
        deposits.fees_amount as ledger_fees_amount,
        deposits.clearing_amount as ledger_clearing_amount,
        coalesce(deposits.documents_count, 0) as ledger_documents_count
    from payouts
    left join movements on payouts.shop = movements.shop and payouts.payout_id = movements.payout_id
    left join deposits on payouts.shop = deposits.shop and payouts.payout_id = deposits.payout_id
    left join bank_lines on payouts.shop = bank_lines.shop and payouts.payout_id = bank_lines.payout_id
),

final as (
    select
        measured.shop,
        measured.payout_id,
        measured.status,
        measured.transaction_type,
        measured.external_trace_id as trace_id,
        measured.issued_at,
        measured.issued_date,
        measured.status in ('SCHEDULED', 'IN_TRANSIT') as is_in_transit,
        measured.currency,
        measured.movements_count,
        measured.charges_amount,
        measured.refunds_amount,
        measured.disputes_amount,
        measured.reserves_amount,
        measured.adjustments_amount,
        measured.retried_amount,
        measured.fees_amount,
        measured.net_amount,
        measured.net_amount - measured.movements_net_amount as movements_difference_amount,
        measured.bank_lines_count,
        measured.bank_date,
        measured.bank_amount,
        measured.bank_amount - measured.net_amount as bank_difference_amount,
        measured.ledger_documents_count,
        measured.ledger_document_number,
        measured.ledger_date,
        measured.ledger_bank_amount,
        measured.ledger_fees_amount,
        measured.ledger_clearing_amount,
        measured.ledger_bank_amount - measured.net_amount as ledger_difference_amount,
        measured.status not in ('SCHEDULED', 'IN_TRANSIT')
        and measured.net_amount = measured.movements_net_amount
        and coalesce(measured.bank_amount, 0) = measured.due_amount
        and coalesce(measured.ledger_bank_amount, 0) = measured.due_amount as is_reconciled,
        {{ days_between('measured.issued_date', 'measured.bank_date') }} as days_to_bank,
        {{ reporting_currency() }} as reporting_currency,
        {{ converted('measured.net_amount', 'exchange_rates.exchange_rate') }} as net_reporting_amount,
        {{ converted('measured.fees_amount', 'exchange_rates.exchange_rate') }} as fees_reporting_amount
    from measured
    left join exchange_rates
        on measured.currency = exchange_rates.currency and measured.issued_date = exchange_rates.rate_date
)

select * from final
