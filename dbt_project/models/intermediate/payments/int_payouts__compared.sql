-- Each payout beside what became of it in bank and ledger, from the ledger's first entry on.
{{ config(materialized='view') }}

with connected as (
    select
        shop,
        min(erp) as erp
    from {{ ref('int_xref__locations') }}
    group by shop
),

ledgers as (
    select
        erp,
        min(created_at) as begins_at
    from {{ ref('stg_erp__gl_entries') }}
    group by erp
),

final as (
    select
        payouts.shop,
        payouts.payout_id,
        payouts.status,
        payouts.currency,
        payouts.net_amount,
        payouts.issued_at,
        -- The bank has it in the morning of the next working day.
        {{ add_minutes(working_due('payouts.issued_at', 1440), 360) }} as expected_at,
        movements.net_amount as movements_net_amount,
        coalesce(movements.fees_amount, 0) as fees_amount,
        coalesce(movements.reserves_amount, 0) as reserves_amount,
        coalesce(movements.adjustments_amount, 0) as adjustments_amount,
        ledgers.erp,
        deposits.document_number as ledger_document_number,
        coalesce(deposits.documents_count, 0) as ledger_documents_count,
        coalesce(deposits.bank_amount, 0) as ledger_bank_amount,
        coalesce(deposits.fees_amount, 0) as ledger_fees_amount,
        coalesce(deposits.reserves_amount, 0) as ledger_reserves_amount,
        bank_lines.bank_line_id,
        bank_lines.amount as bank_amount,
        coalesce(bank_lines.lines_count, 0) as bank_lines_count,
        -- A payout whose own parts do not add up has that trouble and no other.
        coalesce(payouts.net_amount = movements.net_amount, false) as is_tied,
        payouts.status in ('SCHEDULED', 'IN_TRANSIT') as is_in_transit,
        payouts.status in ('FAILED', 'CANCELED') as is_failed
    from {{ ref('stg_shopify__payouts') }} as payouts
    left join {{ ref('int_payouts__movements') }} as movements
        on payouts.shop = movements.shop and payouts.payout_id = movements.payout_id
    left join {{ ref('int_payouts__deposits') }} as deposits
        on payouts.shop = deposits.shop and payouts.payout_id = deposits.payout_id
    left join {{ ref('int_payouts__bank_lines') }} as bank_lines
        on payouts.shop = bank_lines.shop and payouts.payout_id = bank_lines.payout_id
    left join connected on payouts.shop = connected.shop
    {{ working_calendar('payouts.shop', 'payouts.issued_at', 1440) }}
    left join ledgers on connected.erp = ledgers.erp and payouts.issued_at >= ledgers.begins_at
)

select * from final
