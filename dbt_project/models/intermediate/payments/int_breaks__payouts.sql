-- Payouts that do not add up, or that bank and ledger know otherwise (PAY), in the common shape of candidates.
with payouts as (
    select * from {{ ref('int_payouts__compared') }}
),

tolerances as (
    select
        max(case code when 'PAY-06' then coalesce(tolerance_amount, 0) end) as fee_tolerance,
        max(case code when 'PAY-08' then coalesce(tolerance_amount, 0) end) as reserve_tolerance
    from {{ ref('break_taxonomy') }}
),

untied as (
    {{ break_candidate(
        'PAY-03', 'payout', 'payout_id', 'expected_at', order_id=none, erp=none, expected='movements_net_amount',
        actual='net_amount', delta='net_amount - coalesce(movements_net_amount, 0)',
        money='abs(net_amount - coalesce(movements_net_amount, 0))'
    ) }}
    from payouts
    where not is_tied and not is_in_transit
),

not_arrived as (
    {{ break_candidate(
        'PAY-04', 'payout', 'payout_id', 'case when is_in_transit then issued_at else expected_at end',
        order_id=none, expected='net_amount', actual="coalesce(bank_amount, 0)",
        delta='coalesce(bank_amount, 0) - net_amount', money='abs(net_amount)',
        explained_by="case when is_in_transit then 'TIM-03' end",
        evidence={'bank_line_id': 'bank_line_id', 'ledger_document': 'ledger_document_number'}
    ) }}
    from payouts
    where
        erp is not null and is_tied and not is_failed
        and (
            bank_lines_count = 0
            or bank_amount != net_amount
            or ledger_bank_amount != net_amount
        )
),

booked_though_failed as (
    {{ break_candidate(
        'PAY-05', 'payout', 'payout_id', 'expected_at', order_id=none, expected="'0'",
        actual='ledger_bank_amount', delta='ledger_bank_amount', money='abs(net_amount)',
        evidence={'bank_line_id': 'bank_line_id', 'ledger_document': 'ledger_document_number'}
    ) }}
    from payouts
    where erp is not null and is_failed and (ledger_bank_amount != 0 or coalesce(bank_amount, 0) != 0)
),

-- Of one wrong deposit the narrowest name is told: reserves before fees.
deposited as (
    select
        payouts.*,
        tolerances.fee_tolerance,
        abs(ledger_reserves_amount + reserves_amount + adjustments_amount) > tolerances.reserve_tolerance
            as has_wrong_reserve
    from payouts
    cross join tolerances
    where erp is not null and is_tied and status = 'PAID' and ledger_documents_count > 0
),

fee as (
    {{ break_candidate(
        'PAY-06', 'payout', 'payout_id', 'expected_at', order_id=none, expected='fees_amount',
        actual='ledger_fees_amount', delta='ledger_fees_amount - fees_amount',
        money='abs(ledger_fees_amount - fees_amount)', evidence={'ledger_document': 'ledger_document_number'}
    ) }}
    from deposited
    where not has_wrong_reserve and abs(ledger_fees_amount - fees_amount) > fee_tolerance
),

reserve as (
    {{ break_candidate(
        'PAY-08', 'payout', 'payout_id', 'expected_at', order_id=none,
        expected='-(reserves_amount + adjustments_amount)', actual='ledger_reserves_amount',
        delta='ledger_reserves_amount + reserves_amount + adjustments_amount',
        money='abs(ledger_reserves_amount + reserves_amount + adjustments_amount)',
        evidence={'ledger_document': 'ledger_document_number'}
    ) }}
    from deposited
    where has_wrong_reserve
)

{% for found in ['untied', 'not_arrived', 'booked_though_failed', 'fee', 'reserve'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
