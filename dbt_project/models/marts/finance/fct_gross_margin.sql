-- What is left of the sales of an order line: net sales, less what the goods cost and what the payment did. All in
-- the reporting currency, since goods are bought in other currencies than they are sold in.
with lines as (
    select * from {{ ref('fct_order_lines') }}
    where not is_gift_card
),

sales as (
    select
        shop,
        order_line_id,
        sum(coalesce(units_sold, 0) - coalesce(units_reversed, 0)) as net_units,
        sum(gross_sales_amount) as gross_sales_amount,
        sum(net_sales_amount) as net_sales_amount,
        sum(net_sales_reporting_amount) as net_sales_reporting_amount
    from {{ ref('fct_sales') }}
    where line_type = 'PRODUCT' and order_line_id is not null
    group by shop, order_line_id
),

sold as (
    select
        lines.*,
        sales.net_units,
        sales.net_sales_amount,
        sales.net_sales_reporting_amount,
        sales.gross_sales_amount,
        sum(sales.gross_sales_amount) over (partition by lines.shop, lines.order_id) as order_gross_sales_amount
    from lines
    inner join sales on lines.shop = sales.shop and lines.order_line_id = sales.order_line_id
),

-- What the payments provider kept of an order, disputes included.
fees as (
    select
        shop,
        order_id,
        sum(fee_amount) as fee_amount
    from {{ ref('stg_shopify__balance_transactions') }}
    where order_id is not null and not is_test
    group by shop, order_id
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates__daily') }}
),

measured as (
    select
        sold.*,
        costs.unit_cost_amount,
        costs.cost_currency,
        costs.cost_source,
        {{ converted('sold.net_units * costs.unit_cost_amount', 'cost_rates.exchange_rate') }}
            as landed_cost_reporting_amount,
        {{ decimal(
            'coalesce(fees.fee_amount, 0) * sold.gross_sales_amount / nullif(sold.order_gross_sales_amount, 0)', 18, 4
        ) }} as payment_fees_amount,
        sale_rates.exchange_rate
    from sold
    inner join {{ ref('int_order_lines__landed_cost') }} as costs
        on sold.shop = costs.shop and sold.order_line_id = costs.order_line_id
    left join fees on sold.shop = fees.shop and sold.order_id = fees.order_id
    left join exchange_rates as cost_rates
        on costs.cost_currency = cost_rates.currency and sold.order_date = cost_rates.rate_date
    left join exchange_rates as sale_rates
        on sold.currency = sale_rates.currency and sold.order_date = sale_rates.rate_date
),

final as (
    select
        shop,
        order_line_id,
        order_id,
        customer_id,
        product_id,
        variant_id,
        order_date,
        sku,
        cast(net_units as bigint) as net_units,
        currency,
        {{ money('net_sales_amount') }} as net_sales_amount,
        unit_cost_amount,
        cost_currency,
        cost_source,
        coalesce(payment_fees_amount, 0) as payment_fees_amount,
        {{ reporting_currency() }} as reporting_currency,
        {{ money('net_sales_reporting_amount') }} as net_sales_reporting_amount,
        landed_cost_reporting_amount,
        {{ converted('coalesce(payment_fees_amount, 0)', 'exchange_rate') }} as payment_fees_reporting_amount,
        {{ money('net_sales_reporting_amount') }} - landed_cost_reporting_amount
        - {{ converted('coalesce(payment_fees_amount, 0)', 'exchange_rate') }} as gross_margin_reporting_amount
    from measured
)

select * from final
