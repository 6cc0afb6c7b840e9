{{ config(
    materialized='incremental',
    pre_hook=changed_orders_hooks({
        'orders_extracted_at': ['stg_shopify__orders'],
        'ledger_extracted_at': ['stg_shopify__sales_agreements', 'stg_shopify__sales'],
    })
) }}

with sales as (
    select
        sales.*,
        {{ business_date('sales.happened_at', 'sales.iana_timezone') }} as sale_date
    from {{ ref('int_sales__classified') }} as sales
    {{ only_changed_orders('sales') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates__daily') }}
),

measured as (
    select
        sales.*,
        exchange_rates.exchange_rate,
        case when is_merchandise and not is_reversal then untaxed_amount + discount_amount else 0 end as gross_sales,
        case when is_merchandise and not is_reversal then discount_amount else 0 end as discounts,
        case when is_merchandise and is_reversal then -untaxed_amount else 0 end as sales_reversals,
        case when is_merchandise then untaxed_amount else 0 end as net_sales,
        case when line_type = 'SHIPPING' then untaxed_amount else 0 end as shipping,
        case when line_type = 'DUTY' then untaxed_amount else 0 end as duties,
        case when line_type in ('FEE', 'ADDITIONAL_FEE') then untaxed_amount else 0 end as fees,
        case when line_type in ('TIP', 'GIFT_CARD', 'UNKNOWN') then 0 else tax_amount end as taxes,
        case when line_type in ('TIP', 'GIFT_CARD', 'UNKNOWN') then 0 else total_amount end as total_sales,
        case when line_type = 'TIP' then total_amount else 0 end as tips,
        case when line_type = 'GIFT_CARD' then total_amount else 0 end as gift_card_sales,
        case when line_type = 'UNKNOWN' then total_amount else 0 end as unclassified
    from sales
    left join exchange_rates on sales.currency = exchange_rates.currency and sales.sale_date = exchange_rates.rate_date
),

final as (
    select
        shop,
        sale_id,
        agreement_id,
        order_id,
        order_line_id,
        customer_id,
        sale_date,
        happened_at,
        agreement_type,
        action_type,
        line_type,
        is_reversal,
        case when is_merchandise and not is_reversal then quantity else 0 end as units_sold,
        case when is_merchandise and is_reversal then abs(quantity) else 0 end as units_reversed,
        currency,
        {{ money('gross_sales') }} as gross_sales_amount,
        {{ money('discounts') }} as discounts_amount,
        {{ money('sales_reversals') }} as sales_reversals_amount,
        {{ money('net_sales') }} as net_sales_amount,
        {{ money('shipping') }} as shipping_amount,
        {{ money('duties') }} as duties_amount,
        {{ money('fees') }} as fees_amount,
        {{ money('taxes') }} as taxes_amount,
        {{ money('total_sales') }} as total_sales_amount,
        {{ money('tips') }} as tips_amount,
        {{ money('gift_card_sales') }} as gift_card_sales_amount,
        {{ money('unclassified') }} as unclassified_amount,
        {{ reporting_currency() }} as reporting_currency,
        exchange_rate,
        {{ money('gross_sales * exchange_rate') }} as gross_sales_reporting_amount,
        {{ money('discounts * exchange_rate') }} as discounts_reporting_amount,
        {{ money('sales_reversals * exchange_rate') }} as sales_reversals_reporting_amount,
        {{ money('net_sales * exchange_rate') }} as net_sales_reporting_amount,
        {{ money('total_sales * exchange_rate') }} as total_sales_reporting_amount,
        orders_extracted_at,
        greatest(sales_extracted_at, agreements_extracted_at) as ledger_extracted_at
    from measured
)

select * from final
