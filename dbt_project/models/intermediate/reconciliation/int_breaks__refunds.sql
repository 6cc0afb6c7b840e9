-- Refunds without goods or credit, and exchanges that the ERP does not know as such.
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
        count(*) as receipts_count
    from {{ ref('stg_erp__return_receipts') }}
    where {{ reference('shopify_return_reference', 'Return') }} is not null
    group by erp, {{ reference('shopify_return_reference', 'Return') }}
),

unlinked as (
    select
        shop_returns.shop,
        shop_returns.order_id,
        shop_returns.return_id,
        shop_returns.closed_at,
        orders.erp,
        orders.currency
    from shop_returns
    inner join {{ ref('int_reconciliation__orders') }} as orders
        on shop_returns.shop = orders.shop and shop_returns.order_id = orders.order_id
    left join receipts on orders.erp = receipts.erp and {{ text('shop_returns.return_id') }} = receipts.reference
    where
        shop_returns.is_exchange and shop_returns.closed_at is not null and orders.sales_order_id is not null
        and receipts.reference is null
),

never_came as (
    {{ break_candidate(
        'RET-01', 'refund', 'refund_id', 'created_at', partner='partner', expected='units', actual="'0'",
        delta='-units', money='refunded_amount', evidence={'order_id': 'order_id', 'return_id': 'return_id'}
    ) }}
    from refunds
    where
        units > 0 and partner is not null
        and not exists (
            select 1
            from returns
            where
                returns.shop = refunds.shop and returns.order_id = refunds.order_id
                and returns.received_at is not null
        )
),

not_credited as (
    {{ break_candidate(
        'RET-06', 'refund', 'refund_id', 'created_at', expected="'1'", actual='memos_count',
        delta='memos_count - 1', money='refunded_amount', evidence={'order_id': 'order_id', 'memo': 'memo_number'}
    ) }}
    from refunds
    where refunded_amount > 0 and sales_order_id is not null and memos_count != 1
),

not_linked as (
    {{ break_candidate(
        'RET-07', 'return', 'return_id', 'closed_at', evidence={'order_id': 'order_id'}
    ) }}
    from unlinked
)

{% for found in ['never_came', 'not_credited', 'not_linked'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
