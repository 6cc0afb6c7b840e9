-- One row an order: when each system came to it, how long after what it waited for, and where it stopped. A view, since
-- it only compares columns of one table. Windows are those of the break that a delay would be.
{{ config(materialized='view') }}
{#- Milestone, its instant, what it waits for, the code whose window it has, when it is expected, whose feed tells. -#}
{%- set milestones = [
    ('erp_booked', 'erp_created_at', 'placed_at', 'ORD-01', 'erp is not null', 'of_erp', 'sales_orders'),
    ('warehouse_received', 'threepl_received_at', 'shippable_at', 'ORD-04',
     'is_for_warehouse and has_order_feed', 'of_partner', 'orders'),
    ('shipped', 'threepl_first_shipped_at', 'coalesce(threepl_received_at, shippable_at)', 'FUL-09',
     'is_for_warehouse and of_partner.shipped_as_of is not null', 'of_partner', 'shipments'),
    ('fulfilled', 'first_fulfilled_at', 'threepl_first_shipped_at', 'FUL-01',
     'is_for_delivery', 'of_shop', 'fulfillment_orders'),
    ('erp_fulfilled', 'erp_first_fulfilled_at', 'coalesce(threepl_first_shipped_at, first_fulfilled_at)', 'FUL-03',
     'is_for_delivery and erp is not null', 'of_erp', 'fulfillments'),
    ('erp_invoiced', 'erp_first_invoiced_at', 'erp_first_fulfilled_at', 'AMT-07',
     'is_for_delivery and erp is not null', 'of_erp', 'invoices'),
    ('erp_paid', 'erp_first_paid_at', 'paid_at', 'PAY-01',
     'paid_at is not null and erp is not null', 'of_erp', 'payments'),
] %}

with orders as (
    select
        orders.*,
        orders.cancelled_at is null and orders.goods_lines_count > 0 as is_for_delivery,
        orders.cancelled_at is null and orders.parts_count > 0 and orders.ready_at is not null as is_for_warehouse,
        greatest(orders.ready_at, coalesce(orders.fulfill_at, orders.ready_at)) as shippable_at,
        {{ business_date('orders.placed_at', 'shops.iana_timezone') }} as order_date,
        shops.iana_timezone as time_zone
    from {{ ref('int_reconciliation__orders') }} as orders
    inner join {{ ref('stg_shopify__shops') }} as shops on orders.shop = shops.shop
),

allowed as (
    select
        {% for name, instant, after, code, expected, reader, feed in milestones -%}
        max(case when code = '{{ code }}' then window_minutes end) as {{ name }}_window_minutes,
        {% endfor -%}
        count(*) as codes_count
    from {{ ref('break_taxonomy') }}
),

reached as (
    select
        {% for name, instant, after, code, expected, reader, feed in milestones -%}
        max(case when entity = '{{ feed }}' then as_of end) as {{ name }}_as_of,
        {% endfor -%}
        connection
    from {{ ref('int_feeds__as_of') }}
    group by connection
),

measured as (
    select
        {% for name, instant, after, code, expected, reader, feed in milestones -%}
        {{ instant }} as {{ name }}_at,
        {{ minutes_between(after, instant) }} as {{ name }}_lag_minutes,
        case
            when {{ instant }} is not null then {{ minutes_between(after, instant) }} <= {{ name }}_window_minutes
            when
                {{ expected }}
                and {{ reader }}.{{ name }}_as_of > {{ add_minutes(after, name ~ '_window_minutes') }}
                then false
        end as {{ name }}_in_time,
        {{ expected }} and {{ instant }} is null as {{ name }}_is_missing,
        {% endfor -%}
        orders.*
    from orders
    cross join allowed
    left join reached as of_shop on orders.shop = of_shop.connection
    left join reached as of_erp on orders.erp = of_erp.connection
    left join reached as of_partner on orders.partner = of_partner.connection
),

broken as (
    select
        shop,
        order_id,
        sum(case when state = 'open' then 1 else 0 end) as open_breaks_count,
        sum(case when state = 'pending' then 1 else 0 end) as pending_breaks_count,
        min_by(case when state = 'open' then code end, case when state = 'open' then {{ text('since') }} || code end)
            as first_break_code
    from {{ ref('fct_breaks') }}
    where order_id is not null
    group by shop, order_id
),

final as (
    select
        {% for column in [
            'shop', 'order_id', 'order_name', 'order_date', 'time_zone', 'currency', 'total_amount', 'erp', 'partner',
            'erp_number', 'erp_status', 'placed_at', 'ready_at', 'paid_at',
        ] -%}
        measured.{{ column }},
        {% endfor -%}
        {% for name, instant, after, code, expected, reader, feed in milestones -%}
        measured.{{ name }}_at,
        measured.{{ name }}_lag_minutes,
        measured.{{ name }}_in_time,
        {% endfor -%}
        measured.delivered_at,
        measured.cancelled_at,
        measured.first_refunded_at,
        case
            {% for name, instant, after, code, expected, reader, feed in milestones -%}
            when measured.{{ name }}_is_missing then '{{ name }}'
            {% endfor -%}
        end as waits_for,
        coalesce(broken.open_breaks_count, 0) as open_breaks_count,
        coalesce(broken.pending_breaks_count, 0) as pending_breaks_count,
        broken.first_break_code
    from measured
    left join broken on measured.shop = broken.shop and measured.order_id = broken.order_id
)

select * from final
