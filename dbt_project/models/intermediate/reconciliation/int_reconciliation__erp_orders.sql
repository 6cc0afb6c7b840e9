-- What the ERP says of an order of the shop. Of several the earliest that is not cancelled speaks for it (`place` 1).
{{ config(materialized='view') }}

with matched as (
    select
        orders.*,
        xref.shop,
        xref.order_id,
        xref.match_method,
        xref.match_confidence,
        orders.status != 'cancelled' as is_live,
        row_number() over (
            partition by xref.shop, xref.order_id
            order by
                case when orders.status != 'cancelled' then 0 else 1 end, orders.created_at, orders.sales_order_id
        ) as place
    from {{ ref('int_xref__orders') }} as xref
    inner join {{ ref('stg_erp__sales_orders') }} as orders
        on xref.connection = orders.erp and xref.external_order_id = orders.sales_order_id
    where xref.system = 'erp' and xref.order_id is not null
),

counted as (
    select
        shop,
        order_id,
        count(*) as orders_count,
        sum(case when is_live then 1 else 0 end) as live_orders_count,
        max(case when is_live then created_at end) as last_created_at,
        max(case when is_live then sales_order_id end) as last_sales_order_id
    from matched
    group by shop, order_id
),

fulfilled as (
    select
        erp,
        sales_order_id,
        count(*) as fulfillments_count,
        min(created_at) as first_fulfilled_at,
        max(created_at) as last_fulfilled_at
    from {{ ref('stg_erp__fulfillments') }}
    group by erp, sales_order_id
),

invoiced as (
    select
        erp,
        sales_order_id,
        count(*) as invoices_count,
        min(created_at) as first_invoiced_at,
        sum(total_amount) as invoiced_amount
    from {{ ref('stg_erp__invoices') }}
    where status != 'void'
    group by erp, sales_order_id
),

paid as (
    select
        erp,
        sales_order_id,
        min(case when kind = 'payment' then created_at end) as first_paid_at,
        sum(case when kind = 'payment' then amount end) as paid_amount
    from {{ ref('stg_erp__payments') }}
    group by erp, sales_order_id
),

final as (
    select
        counted.shop,
        counted.order_id,
        matched.erp,
        matched.sales_order_id,
        counted.orders_count,
        counted.live_orders_count,
        counted.last_created_at,
        counted.last_sales_order_id,
        matched.number,
        matched.status,
        matched.customer_id,
        matched.order_date,
        matched.created_at,
        matched.updated_at,
        matched.currency,
        matched.exchange_rate,
        matched.total_amount,
        matched.tax_amount,
        matched.shipping_amount,
        matched.discount_amount,
        matched.match_method,
        matched.match_confidence,
        coalesce(fulfilled.fulfillments_count, 0) as fulfillments_count,
        fulfilled.first_fulfilled_at,
        fulfilled.last_fulfilled_at,
        coalesce(invoiced.invoices_count, 0) as invoices_count,
        invoiced.first_invoiced_at,
        invoiced.invoiced_amount,
        paid.first_paid_at,
        paid.paid_amount
    from counted
    inner join matched
        on counted.shop = matched.shop and counted.order_id = matched.order_id and matched.place = 1
    left join fulfilled on matched.erp = fulfilled.erp and matched.sales_order_id = fulfilled.sales_order_id
    left join invoiced on matched.erp = invoiced.erp and matched.sales_order_id = invoiced.sales_order_id
    left join paid on matched.erp = paid.erp and matched.sales_order_id = paid.sales_order_id
)

select * from final
