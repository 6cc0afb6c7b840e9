-- Payments that shop and ERP know otherwise, and shipments without one (PAY-01, PAY-02, PAY-10), in the common shape of
-- candidates. That a payment is missing with its whole order is the order's trouble, and not told again.
with orders as (
    select * from {{ ref('int_reconciliation__orders') }}
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
        {{ text('transaction_id') }} as payment_key,
        {{ text('parent_transaction_id') }} as authorization_key
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
        -- Some connectors (Tryton's is one) know a capture by the authorisation that it captured.
        and not exists (
            select 1
            from payments
            where payments.payment_key = transactions.authorization_key
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

{% for found in ['not_in_erp', 'not_in_shop', 'shipped_unpaid'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
