-- What the ERP invoiced and booked of an order: gift cards, shipments without an invoice, cost of goods.
with orders as (
    select * from {{ ref('int_reconciliation__orders') }}
    where erp_live_orders_count = 1
),

revenue_accounts as (
    select distinct
        erp,
        account_code
    from {{ ref('stg_erp__gl_entries') }}
    where account_type = 'revenue'
),

gift_cards_as_revenue as (
    select
        orders.shop,
        orders.order_id,
        orders.erp,
        orders.currency,
        min(invoices.number) as number,
        min(invoices.created_at) as created_at,
        sum(abs(lines.net_amount)) as net_amount
    from {{ ref('stg_erp__items') }} as items
    inner join {{ ref('stg_erp__invoice_lines') }} as lines on items.erp = lines.erp and items.item_id = lines.item_id
    inner join revenue_accounts
        on lines.erp = revenue_accounts.erp and lines.account_code = revenue_accounts.account_code
    inner join {{ ref('stg_erp__invoices') }} as invoices
        on lines.erp = invoices.erp and lines.invoice_id = invoices.invoice_id
    inner join orders on invoices.erp = orders.erp and invoices.sales_order_id = orders.sales_order_id
    where items.item_type = 'gift_card' and invoices.status != 'void'
    group by orders.shop, orders.order_id, orders.erp, orders.currency
),

-- Goods with a cost that left: their document must have cost of goods in the ledger.
costed as (
    select distinct
        lines.erp,
        lines.fulfillment_id
    from {{ ref('stg_erp__fulfillment_lines') }} as lines
    inner join {{ ref('stg_erp__items') }} as items on lines.erp = items.erp and lines.item_id = items.item_id
    where items.item_type = 'inventory' and items.cost_amount > 0 and lines.quantity != 0
),

booked as (
    select distinct
        erp,
        document_id
    from {{ ref('stg_erp__gl_entries') }}
    where account_type = 'cogs'
),

without_cost as (
    select
        orders.shop,
        orders.order_id,
        orders.erp,
        orders.currency,
        orders.erp_total_amount,
        min(fulfillments.number) as number,
        min(fulfillments.created_at) as created_at
    from {{ ref('stg_erp__fulfillments') }} as fulfillments
    inner join costed on fulfillments.erp = costed.erp and fulfillments.fulfillment_id = costed.fulfillment_id
    inner join orders on fulfillments.erp = orders.erp and fulfillments.sales_order_id = orders.sales_order_id
    left join booked on fulfillments.erp = booked.erp and fulfillments.fulfillment_id = booked.document_id
    where booked.document_id is null
    group by orders.shop, orders.order_id, orders.erp, orders.currency, orders.erp_total_amount
),

as_revenue as (
    {{ break_candidate(
        'AMT-06', 'order', 'order_id', 'created_at', expected="'gift card liability'", actual="'revenue'",
        delta='net_amount', money='net_amount', evidence={'invoice': 'number'}
    ) }}
    from gift_cards_as_revenue
),

not_invoiced as (
    {{ break_candidate(
        'AMT-07', 'order', 'order_id', 'coalesce(erp_first_fulfilled_at, erp_first_invoiced_at)',
        expected='erp_fulfillments_count', actual='erp_invoices_count', money='erp_total_amount',
        evidence={'sales_order_id': 'sales_order_id'}
    ) }}
    from orders
    where
        (erp_fulfillments_count > 0 and erp_invoices_count = 0)
        -- shipped by the partner and not fulfilled in the ERP is FUL-03
        or (
            erp_invoices_count > 0 and erp_fulfillments_count = 0 and goods_lines_count > 0
            and threepl_shipments_count = 0 and fulfillments_count = 0
        )
),

without_cost_of_goods as (
    {{ break_candidate(
        'AMT-08', 'order', 'order_id', 'created_at', expected="'cost of goods'", money='erp_total_amount',
        evidence={'fulfillment': 'number'}
    ) }}
    from without_cost
)

{% for found in ['as_revenue', 'not_invoiced', 'without_cost_of_goods'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
