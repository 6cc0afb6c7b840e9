-- Money that went back and that shop and ERP know otherwise: chargebacks and refunds (PAY-07, PAY-09), in the common
-- shape of candidates.
with connected as (
    select
        shop,
        min(erp) as erp
    from {{ ref('int_xref__locations') }}
    group by shop
),

chargebacks as (
    select
        erp,
        {{ reference('reference', 'ShopifyPaymentsDispute') }} as dispute_key,
        count(*) as entries_count,
        min(document_number) as document_number,
        sum(debit_amount - credit_amount) as booked_amount
    from {{ ref('stg_erp__gl_entries') }}
    where is_posted and account_type = 'chargeback' and reference is not null
    group by erp, {{ reference('reference', 'ShopifyPaymentsDispute') }}
),

ledgers as (
    select
        erp,
        min(created_at) as begins_at
    from {{ ref('stg_erp__gl_entries') }}
    group by erp
),

disputed as (
    select
        disputes.shop,
        disputes.dispute_id,
        disputes.order_id,
        disputes.status,
        disputes.amount,
        disputes.currency,
        disputes.initiated_at,
        disputes.finalized_on,
        ledgers.erp,
        chargebacks.document_number,
        coalesce(chargebacks.entries_count, 0) as entries_count,
        {{ money('coalesce(chargebacks.booked_amount, 0)') }} as booked_amount,
        {{ money("case when disputes.status = 'WON' then 0 else disputes.amount end") }} as due_amount
    from {{ ref('stg_shopify__disputes') }} as disputes
    inner join connected on disputes.shop = connected.shop
    inner join ledgers on connected.erp = ledgers.erp and disputes.initiated_at >= ledgers.begins_at
    left join chargebacks
        on ledgers.erp = chargebacks.erp and {{ text('disputes.dispute_id') }} = chargebacks.dispute_key
    where disputes.type = 'CHARGEBACK'
),

-- A chargeback that was won is booked and reversed: neither may be missing.
not_charged_back as (
    {{ break_candidate(
        'PAY-07', 'dispute', 'dispute_id', 'case when entries_count = 0 then initiated_at else finalized_on end',
        expected='due_amount', actual='booked_amount', delta='booked_amount - due_amount', money='amount',
        evidence={'ledger_document': 'document_number'}
    ) }}
    from disputed
    where entries_count = 0 or (finalized_on is not null and booked_amount != due_amount)
),

tolerances as (
    select coalesce(tolerance_amount, 0) as tolerance_amount
    from {{ ref('break_taxonomy') }}
    where code = 'PAY-09'
),

memos as (
    select
        erp,
        {{ reference('shopify_refund_reference', 'Refund') }} as refund_key,
        count(*) as memos_count,
        min(credit_memo_id) as credit_memo_id,
        sum(total_amount) as total_amount
    from {{ ref('stg_erp__credit_memos') }}
    where status != 'void'
    group by erp, {{ reference('shopify_refund_reference', 'Refund') }}
),

credited as (
    select
        refunds.shop,
        refunds.refund_id,
        refunds.order_id,
        refunds.refunded_amount,
        refunds.processed_at,
        memos.erp,
        memos.credit_memo_id,
        memos.total_amount,
        orders.currency
    from {{ ref('stg_shopify__refunds') }} as refunds
    inner join {{ ref('stg_shopify__orders') }} as orders
        on refunds.shop = orders.shop and refunds.order_id = orders.order_id
    inner join memos on {{ text('refunds.refund_id') }} = memos.refund_key
    cross join tolerances
    where
        memos.memos_count = 1
        and refunds.refunded_amount > 0
        and abs(memos.total_amount - refunds.refunded_amount) > tolerances.tolerance_amount
),

paid_back_otherwise as (
    {{ break_candidate(
        'PAY-09', 'refund', 'refund_id', 'processed_at', expected='refunded_amount', actual='total_amount',
        delta='total_amount - refunded_amount', money='abs(total_amount - refunded_amount)',
        evidence={'credit_memo_id': 'credit_memo_id'}
    ) }}
    from credited
)

select * from not_charged_back
union all
select * from paid_back_otherwise
