-- Orders that shop and ERP do not both have, or not alike. What follows from a missing order is not told again.
with orders as (
    select * from {{ ref('int_reconciliation__orders') }}
),

shops_by_currency as (
    select
        erp,
        currency,
        min(shop) as shop
    from {{ ref('int_xref__locations') }}
    group by erp, currency
),

unknown_orders as (
    select
        xref.connection as erp,
        erp_orders.sales_order_id,
        erp_orders.number,
        erp_orders.total_amount,
        erp_orders.currency,
        erp_orders.created_at,
        xref.reference,
        coalesce(by_currency.shop, xref.connection) as shop
    from {{ ref('int_xref__orders') }} as xref
    inner join {{ ref('stg_erp__sales_orders') }} as erp_orders
        on xref.connection = erp_orders.erp and xref.external_order_id = erp_orders.sales_order_id
    left join shops_by_currency as by_currency
        on xref.connection = by_currency.erp and erp_orders.currency = by_currency.currency
    where
        xref.system = 'erp' and xref.order_id is null and xref.reference is not null
        and erp_orders.status != 'cancelled'
),

not_in_erp as (
    {{ break_candidate(
        'ORD-01', 'order', 'order_id', 'placed_at', expected='order_name', money='total_amount',
        evidence={'order_id': 'order_id'}
    ) }}
    from orders
    where erp is not null and erp_orders_count = 0 and cancelled_at is null
),

-- Two sales orders may name the same order that is not there.
{{ one_a_key('unknown', 'unknown_orders', 'true', 'created_at, sales_order_id', 'reference') }},

not_in_shop as (
    {{ break_candidate(
        'ORD-02', 'order', 'reference', 'created_at', order_id='null', actual='number', money='total_amount',
        evidence={'sales_order_id': 'sales_order_id', 'reference': 'reference'}
    ) }}
    from unknown
),

twice_in_erp as (
    {{ break_candidate(
        'ORD-03', 'order', 'order_id', 'erp_last_created_at', expected="'1'", actual='erp_live_orders_count',
        delta='erp_live_orders_count - 1', money='erp_total_amount',
        evidence={'sales_order_id': 'sales_order_id', 'other_sales_order_id': 'erp_last_sales_order_id'}
    ) }}
    from orders
    where erp_live_orders_count > 1
)

{% for found in ['not_in_erp', 'not_in_shop', 'twice_in_erp'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
