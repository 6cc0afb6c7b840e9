-- Sales orders that say something else than the order: other units after an edit, another customer, currency or day.
with orders as (
    select * from {{ ref('int_reconciliation__orders') }}
    where erp_live_orders_count > 0 or (erp_orders_count > 0 and cancelled_at is not null)
),

edits as (
    select
        agreements.shop,
        agreements.order_id,
        max(agreements.happened_at) as edited_at
    from {{ ref('stg_shopify__sales_agreements') }} as agreements
    where agreements.reason = 'ORDER_EDIT'
    group by agreements.shop, agreements.order_id
),

other_units as (
    select
        shop,
        order_id,
        sum(sold_units) as sold_units,
        sum(erp_units) as erp_units,
        min(case when sold_units != erp_units then sku end) as sku
    from {{ ref('int_reconciliation__units') }}
    group by shop, order_id
    having max(abs(sold_units - erp_units)) > 0
),

edited as (
    select
        orders.*,
        edits.edited_at,
        other_units.sold_units,
        other_units.erp_units,
        other_units.sku
    from orders
    inner join other_units on orders.shop = other_units.shop and orders.order_id = other_units.order_id
    inner join edits on orders.shop = edits.shop and orders.order_id = edits.order_id
    where orders.cancelled_at is null
),

-- Whom the ERP says, else whom the same address tells; of two with one address neither.
known_customers as (
    select
        erp,
        customer_id,
        coalesce(reference, case when match_confidence >= 0.9 then {{ text('shop_customer_id') }} end) as reference
    from {{ ref('int_xref__customers') }}
),

of_others as (
    select
        orders.*,
        known_customers.reference as erp_customer_reference
    from orders
    left join known_customers
        on orders.erp = known_customers.erp and orders.erp_customer_id = known_customers.customer_id
    where
        orders.company_id is null
        and (
            known_customers.reference != {{ text('orders.customer_id') }}
            or orders.erp_currency not in (orders.currency, orders.presentment_currency)
        )
),

days as (
    select
        orders.*,
        {{ business_date('orders.placed_at', 'shops.iana_timezone') }} as order_date
    from orders
    inner join {{ ref('stg_shopify__shops') }} as shops on orders.shop = shops.shop
),

not_edited_in_erp as (
    {{ break_candidate(
        'ORD-07', 'order', 'order_id', 'edited_at', expected='sold_units', actual='erp_units',
        delta='erp_units - sold_units', money='total_amount',
        evidence={'sales_order_id': 'sales_order_id', 'sku': 'sku'}
    ) }}
    from edited
),

of_another as (
    {{ break_candidate(
        'ORD-08', 'order', 'order_id', 'erp_created_at', expected="customer_id || ' ' || currency",
        actual="erp_customer_reference || ' ' || erp_currency", money='total_amount',
        evidence={'sales_order_id': 'sales_order_id', 'customer_id': 'erp_customer_id'}
    ) }}
    from of_others
),

on_another_day as (
    {{ break_candidate(
        'TIM-02', 'order', 'order_id', 'placed_at', expected='order_date', actual='erp_order_date',
        explained_by="'TIM-02'", evidence={'sales_order_id': 'sales_order_id'}
    ) }}
    from days
    where
        order_date != erp_order_date
        and abs({{ days_between('order_date', 'erp_order_date') }}) = 1
)

{% for found in ['not_edited_in_erp', 'of_another', 'on_another_day'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
