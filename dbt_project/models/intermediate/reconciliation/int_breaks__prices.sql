-- Business customers who were charged another price than the one agreed with them on the day of the order.
with orders as (
    select * from {{ ref('int_reconciliation__orders') }}
    where erp_live_orders_count = 1 and company_id is not null
),

-- Prices agreed with one customer, a day earlier and later included: prices change at an instant, documents have days.
agreed as (
    select
        lists.erp,
        lists.customer_id,
        prices.item_id,
        prices.unit_price_amount,
        coalesce(prices.minimum_quantity, 0) as minimum_quantity,
        {{ add_days("coalesce(prices.valid_from, cast('1970-01-01' as date))", -1) }} as valid_from,
        {{ add_days("coalesce(prices.valid_to, cast('2999-12-30' as date))", 1) }} as valid_to
    from {{ ref('stg_erp__price_lists') }} as lists
    inner join {{ ref('stg_erp__prices') }} as prices
        on lists.erp = prices.erp and lists.price_list_id = prices.price_list_id
    where lists.customer_id is not null
),

charged as (
    select
        orders.shop,
        orders.order_id,
        orders.erp,
        orders.currency,
        orders.sales_order_id,
        orders.erp_created_at,
        lines.sku,
        abs(lines.quantity) as quantity,
        lines.unit_price_amount,
        -- prices may be agreed with or without tax
        min(
            least(
                abs(agreed.unit_price_amount - lines.unit_price_amount),
                abs(
                    agreed.unit_price_amount - lines.unit_price_amount
                    - coalesce(abs(lines.tax_amount), 0) / nullif(abs(lines.quantity), 0)
                )
            )
        ) as nearest_delta,
        min_by(agreed.unit_price_amount, abs(agreed.unit_price_amount - lines.unit_price_amount)) as agreed_amount
    from orders
    inner join {{ ref('stg_erp__sales_order_lines') }} as lines
        on orders.erp = lines.erp and orders.sales_order_id = lines.sales_order_id
    inner join agreed
        on
            orders.erp = agreed.erp
            and orders.erp_customer_id = agreed.customer_id
            and lines.item_id = agreed.item_id
            and orders.erp_order_date >= agreed.valid_from
            and orders.erp_order_date <= agreed.valid_to
            and abs(lines.quantity) >= agreed.minimum_quantity
    where lines.line_type = 'item'
    group by
        orders.shop, orders.order_id, orders.erp, orders.currency, orders.sales_order_id, orders.erp_created_at,
        lines.sku, abs(lines.quantity), lines.unit_price_amount
),

overcharged as (
    select
        charged.shop,
        charged.order_id,
        charged.erp,
        charged.currency,
        charged.sales_order_id,
        charged.erp_created_at,
        min(charged.sku) as sku,
        sum(charged.agreed_amount * charged.quantity) as agreed_amount,
        sum(charged.unit_price_amount * charged.quantity) as charged_amount
    from charged
    inner join {{ ref('break_taxonomy') }} as taxonomy on taxonomy.code = 'AMT-03'
    where charged.nearest_delta > taxonomy.tolerance_amount
    group by
        charged.shop, charged.order_id, charged.erp, charged.currency, charged.sales_order_id, charged.erp_created_at
)

{{ break_candidate(
    'AMT-03', 'order', 'order_id', 'erp_created_at', expected='agreed_amount', actual='charged_amount',
    delta='charged_amount - agreed_amount', money='abs(charged_amount - agreed_amount)',
    evidence={'sales_order_id': 'sales_order_id', 'sku': 'sku'}
) }}
from overcharged
