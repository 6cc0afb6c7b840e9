-- Orders that a warehouse partner lacks, holds, or goes on with after the end.
with orders as (
    select * from {{ ref('int_reconciliation__orders') }}
),

not_at_partner as (
    {{ break_candidate(
        'ORD-04', 'order', 'order_id',
        'greatest(ready_at, coalesce(fulfill_at, ready_at))', partner='partner', erp=none,
        expected='due_parts_count', actual='threepl_orders_count', delta='threepl_orders_count - due_parts_count',
        money='total_amount', evidence={'order_id': 'order_id'}
    ) }}
    from orders
    where
        has_order_feed and due_parts_count > 0 and goods_units > 0
        and threepl_orders_count < due_parts_count and threepl_shipments_count < due_parts_count
        and ready_at is not null and cancelled_at is null
),

still_open as (
    {{ break_candidate(
        'ORD-05', 'order', 'order_id', 'cancelled_at', partner='partner', expected="'cancelled'",
        actual="coalesce(erp_status, '-') || ', ' || case when threepl_open_orders_count > 0 then 'processing' "
        ~ "else '-' end",
        money='total_amount',
        evidence={'sales_order_id': 'sales_order_id', 'partner_order_id': 'partner_order_id'}
    ) }}
    from orders
    where
        cancelled_at is not null and threepl_shipped_count = 0
        and (
            erp_status in ('pending_approval', 'pending_fulfillment', 'partially_fulfilled', 'pending_billing')
            or threepl_open_orders_count > 0
        )
),

shipped_after_the_end as (
    {{ break_candidate(
        'ORD-06', 'order', 'order_id', 'threepl_last_shipped_at', partner='partner', expected="'not shipped'",
        actual="'shipped'", money='total_amount', evidence={'shipment': 'last_shipment_key'}
    ) }}
    from orders
    where
        threepl_shipped_count > 0
        and (
            threepl_last_shipped_at > cancelled_at
            or (
                refunded_amount >= total_amount and total_amount > 0 and refunds_count = 1
                and threepl_last_shipped_at > first_refunded_at
                and coalesce(first_fulfilled_at > first_refunded_at, true)
            )
        )
),

stuck as (
    {{ break_candidate(
        'ORD-09', 'order', 'order_id', 'threepl_stuck_at', erp=none, partner='partner', expected="'processing'",
        actual='threepl_stuck_status', money='total_amount', evidence={'partner_order_id': 'partner_order_id'}
    ) }}
    from orders
    where threepl_stuck_status is not null and cancelled_at is null and threepl_shipped_count = 0
),

labelled as (
    select
        shipments.*,
        orders.total_amount,
        orders.cancelled_at
    from {{ ref('int_reconciliation__shipments') }} as shipments
    inner join orders on shipments.shop = orders.shop and shipments.order_id = orders.order_id
    where shipments.status = 'labeled' and orders.cancelled_at is null
),

never_handed_over as (
    {{ break_candidate(
        'FUL-08', 'shipment', 'shipment_key', 'labeled_at', erp=none, partner='partner', expected="'shipped'",
        actual='status', money='total_amount', evidence={'shipment_id': 'shipment_id', 'order_id': 'order_id'}
    ) }}
    from labelled
)

{% for found in ['not_at_partner', 'still_open', 'shipped_after_the_end', 'stuck', 'never_handed_over'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
