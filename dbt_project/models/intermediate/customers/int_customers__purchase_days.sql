-- A purchase is a business day on which a customer ordered goods: two orders on one day are one decision to buy.
-- Its value is what the orders of that day came to in the end, so later reversals belong to it. Orders without goods
-- (gift cards only) are no purchase; cancelled and returned ones are, for the decision was made.
with purchases as (
    select
        shop,
        customer_id,
        order_date as purchase_date,
        count(*) as orders_count,
        sum(net_sales_reporting_amount) as net_sales_amount
    from {{ ref('fct_orders') }}
    where customer_id is not null and units_sold > 0
    group by shop, customer_id, order_date
),

final as (
    select
        shop,
        customer_id,
        purchase_date,
        orders_count,
        {{ money('net_sales_amount') }} as net_sales_amount,
        {{ reporting_currency() }} as currency
    from purchases
)

select * from final
