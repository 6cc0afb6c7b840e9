-- What was sold in orders that changed after checkout, line by line: edits count, both ways, and what goes out in an
-- exchange; what came back does not. All other orders were sold as their lines say.
{{ config(materialized='view') }}

with changed as (
    select
        shop,
        order_id
    from {{ ref('stg_shopify__orders') }}
    where is_edited and not is_test and not is_deleted
    union distinct
    select
        shop,
        order_id
    from {{ ref('stg_shopify__returns') }}
),

sales as (
    select
        agreements.shop,
        agreements.order_id,
        agreements.reason,
        sales.order_line_id,
        sales.line_type,
        sales.action_type,
        coalesce(sales.quantity, 0) as quantity,
        sales.total_amount,
        sales.tax_amount,
        sales.discount_before_taxes_amount
    from {{ ref('stg_shopify__sales_agreements') }} as agreements
    inner join changed on agreements.shop = changed.shop and agreements.order_id = changed.order_id
    inner join {{ ref('stg_shopify__sales') }} as sales
        on agreements.shop = sales.shop and agreements.agreement_id = sales.agreement_id
    where
        agreements.reason != 'REFUND'
        and not (agreements.reason = 'RETURN' and sales.action_type = 'RETURN')
        and (sales.order_line_id is not null or sales.line_type = 'SHIPPING')
),

final as (
    select
        shop,
        order_id,
        coalesce(order_line_id, 0) as order_line_id,
        max(line_type) as line_type,
        sum(quantity) as quantity,
        sum(total_amount) as total_amount,
        sum(tax_amount) as tax_amount,
        sum(total_amount - tax_amount + discount_before_taxes_amount) as gross_amount
    from sales
    group by shop, order_id, coalesce(order_line_id, 0)
)

select * from final
