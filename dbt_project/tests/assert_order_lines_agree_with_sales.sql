-- Horizontal integrity: a line that came to something else in the ledger than on the order. Lines sold whole in one
-- currency are compared; a line whose units were changed by an edit has its amounts spread over several agreements.
-- Where prices include tax, the ledger and the line may round a cent apart.
with sales_of_lines as (
    select
        shop,
        order_line_id,
        sum(units_sold) as units_sold,
        sum(gross_sales_amount - discounts_amount) as net_amount
    from {{ ref('fct_sales') }}
    where line_type = 'PRODUCT' and not is_reversal
    group by shop, order_line_id
)

select
    lines.shop,
    lines.order_id,
    lines.order_line_id,
    lines.net_amount,
    sales_of_lines.net_amount as net_of_ledger_amount
from {{ ref('fct_order_lines') }} as lines
inner join sales_of_lines
    on lines.shop = sales_of_lines.shop and lines.order_line_id = sales_of_lines.order_line_id
where
    lines.quantity = sales_of_lines.units_sold
    and abs(lines.net_amount - sales_of_lines.net_amount) > 0.011
