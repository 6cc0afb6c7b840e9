-- Goods that came back to a warehouse: refunded, counted and put back on the shelf, or not.
with returns as (
    select * from {{ ref('int_reconciliation__returns') }}
),

refunds as (
    select * from {{ ref('int_reconciliation__refunds') }}
),

shop_returns as (
    select * from {{ ref('int_reconciliation__shop_returns') }}
),

receipts as (
    select
        erp,
        {{ reference('shopify_return_reference', 'Return') }} as reference,
        min(created_at) as created_at,
        sum(received_quantity) as received_quantity,
        sum(coalesce(restocked_quantity, 0)) as restocked_quantity
    from {{ ref('stg_erp__return_receipts') }}
    where {{ reference('shopify_return_reference', 'Return') }} is not null
    group by erp, {{ reference('shopify_return_reference', 'Return') }}
),

with_receipts as (
    select
        returns.*,
        receipts.created_at as erp_created_at,
        receipts.received_quantity as erp_received_quantity,
        receipts.restocked_quantity as erp_restocked_quantity,
        refunds.units as refunded_units,
        refunds.refunded_amount,
        coalesce(refunds.is_restocked, false) as is_restocked_in_shop,
        {{ later('returns.completed_at', 'returns.refunded_at') }} as seen_at,
        coalesce(shop_returns.is_exchange, false) as is_exchange
    from returns
    left join receipts on returns.erp = receipts.erp and {{ text('returns.return_id') }} = receipts.reference
    left join refunds on returns.shop = refunds.shop and returns.refund_id = refunds.refund_id
    left join shop_returns on returns.shop = shop_returns.shop and returns.return_id = shop_returns.return_id
    where returns.received_at is not null
),

{% set evidence = {'partner_return_id': 'partner_return_id', 'rma_number': 'rma_number', 'refund_id': 'refund_id'} %}
{{ one_a_key('unrefunded', 'with_receipts', 'refund_id is null and not is_exchange', 'received_at', 'return_key') }},

never_refunded as (
    {{ break_candidate(
        'RET-02', 'return', 'return_key', 'received_at', partner='partner', expected='received_units', actual="'0'",
        delta='-received_units', evidence=evidence
    ) }}
    from unrefunded
),

{{ one_a_key(
    'unstocked', 'with_receipts',
    "not_restocked_lines_count = 0 and processed_units > 0 and erp_restocked_quantity < erp_received_quantity",
    'erp_created_at', 'return_key'
) }},

not_restocked as (
    {{ break_candidate(
        'RET-03', 'return', 'return_key', 'erp_created_at', partner='partner', expected='erp_received_quantity',
        actual='erp_restocked_quantity', delta='erp_restocked_quantity - erp_received_quantity', evidence=evidence
    ) }}
    from unstocked
),

{{ one_a_key(
    'discarded', 'with_receipts', 'not_restocked_lines_count > 0 and is_restocked_in_shop', 'seen_at', 'return_key'
) }},

on_one_side as (
    {{ break_candidate(
        'RET-04', 'return', 'return_key', 'seen_at', partner='partner', expected='disposition', actual="'restocked'",
        money='refunded_amount', evidence=evidence
    ) }}
    from discarded
),

{{ one_a_key(
    'other_units', 'with_receipts',
    'refunded_units > 0 and received_units != refunded_units and not_restocked_lines_count = 0', 'seen_at', 'return_key'
) }},

different_units as (
    {{ break_candidate(
        'RET-05', 'return', 'return_key', 'seen_at', partner='partner', expected='refunded_units',
        actual='received_units', delta='received_units - refunded_units', money='refunded_amount', evidence=evidence
    ) }}
    from other_units
)

{% for found in ['never_refunded', 'not_restocked', 'on_one_side', 'different_units'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
