-- The sales report of each shop: sales on the day of the order, reversals on the day they are made.
with sales as (
    select * from {{ ref('fct_sales') }}
),

final as (
    select
        shop,
        sale_date,
        currency,
        count(distinct case when agreement_type = 'OrderAgreement' then order_id end) as orders_count,
        cast(sum(units_sold) as bigint) as units_sold,
        cast(sum(units_reversed) as bigint) as units_reversed,
        {{ money('sum(gross_sales_amount)') }} as gross_sales_amount,
        {{ money('sum(discounts_amount)') }} as discounts_amount,
        {{ money('sum(sales_reversals_amount)') }} as sales_reversals_amount,
        {{ money('sum(net_sales_amount)') }} as net_sales_amount,
        {{ money('sum(shipping_amount)') }} as shipping_amount,
        {{ money('sum(duties_amount)') }} as duties_amount,
        {{ money('sum(fees_amount)') }} as fees_amount,
        {{ money('sum(taxes_amount)') }} as taxes_amount,
        {{ money('sum(total_sales_amount)') }} as total_sales_amount,
        {{ money('sum(tips_amount)') }} as tips_amount,
        {{ money('sum(gift_card_sales_amount)') }} as gift_card_sales_amount,
        reporting_currency,
        {{ money('sum(gross_sales_reporting_amount)') }} as gross_sales_reporting_amount,
        {{ money('sum(net_sales_reporting_amount)') }} as net_sales_reporting_amount,
        {{ money('sum(total_sales_reporting_amount)') }} as total_sales_reporting_amount
    from sales
    group by shop, sale_date, currency, reporting_currency
)

select * from final
