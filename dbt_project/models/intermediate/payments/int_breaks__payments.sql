-- Payments, refunds and chargebacks that shop and ERP know otherwise (PAY), in the common shape of candidates. That a
-- payment is missing with its whole order is the order's trouble, and not told again.
with orders as (
    select * from {{ ref('int_reconciliation__orders') }}
),

connected as (
    select
        shop,
        min(erp) as erp
    from {{ ref('int_xref__locations') }}
    group by shop
),

transactions as (
    select
        shop,
        transaction_id,
        order_id,
        kind,
        status,
        amount,
        processed_at,
        is_test,
        {{ text('transaction_id') }} as payment_key
    from {{ ref('stg_shopify__order_transactions') }}
),

payments as (
    select
        *,
        {{ reference('gateway_reference', 'OrderTransaction') }} as payment_key
    from {{ ref('stg_erp__payments') }}
    where status != 'void'
),

captured as (
    select
        transactions.shop,
        transactions.transaction_id,
        transactions.order_id,
        transactions.amount,
        transactions.processed_at,
        orders.currency,
        orders.erp,
        orders.sales_order_id
    from transactions
    inner join orders on transactions.shop = orders.shop and transactions.order_id = orders.order_id
    where
        transactions.kind in ('SALE', 'CAPTURE')
        and transactions.status = 'SUCCESS'
        and not transactions.is_test
        and transactions.amount != 0
        and orders.erp_orders_count > 0
        and not exists (
            select 1
            from payments
            where payments.payment_key = transactions.payment_key
        )
),

not_in_erp as (
    {{ break_candidate(
        'PAY-01', 'payment', 'transaction_id', 'processed_at', expected='amount', actual="'0'", delta='-amount',
        money='amount', evidence={'transaction_id': 'transaction_id', 'sales_order_id': 'sales_order_id'}
    ) }}
    from captured
),

unknown as (
    select
        xref.shop,
        xref.order_id,
        payments.*
    from payments
    inner join {{ ref('int_xref__orders') }} as xref
        on payments.erp = xref.connection and payments.sales_order_id = xref.external_order_id and xref.system = 'erp'
    where
        xref.order_id is not null
        and payments.payment_key is not null
        and not exists (
            select 1
            from transactions
            where transactions.payment_key = payments.payment_key
        )
),

not_in_shop as (
    {{ break_candidate(
        'PAY-02', 'payment', 'payment_id', 'created_at', expected="'0'", actual='amount', delta='amount',
        money='amount', evidence={'payment_id': 'payment_id', 'number': 'number', 'reference': 'gateway_reference'}
    ) }}
    from unknown
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
    inner join orders on refunds.shop = orders.shop and refunds.order_id = orders.order_id
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
),

-- What the shop calls shipped counts here: money is taken with the shipment, and a parcel the shop was not told of has
-- a break of its own.
shipped_unpaid as (
    {{ break_candidate(
        'PAY-10', 'order', 'order_id', 'first_fulfilled_at', partner='partner', expected='total_amount',
        actual='received_amount', delta='received_amount - total_amount', money='total_amount',
        evidence={'authorized_at': 'authorized_at'}
    ) }}
    from orders
    where
        first_fulfilled_at is not null
        and received_amount = 0
        and outstanding_amount > 0
        and not is_on_terms
        and cancelled_at is null
)

{% for found in ['not_in_erp', 'not_in_shop', 'not_charged_back', 'paid_back_otherwise', 'shipped_unpaid'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
