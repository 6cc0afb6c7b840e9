-- One row an order: what the shop says of it, beside it what ERP, warehouse partners and payouts say, and whether they
-- agree. A view over tables that are each renewed by what changed in their own system: it is behind none of them.
{{ config(materialized='view') }}

with told as (
    select * from {{ ref('int_reconciliation__orders') }}
),

paid_out as (
    select
        shop,
        order_id,
        count(distinct payout_id) as payouts_count,
        {{ money('sum(net_amount)') }} as paid_out_amount,
        {{ money('sum(fee_amount)') }} as payment_fees_amount
    from {{ ref('stg_shopify__balance_transactions') }}
    where order_id is not null and payout_status = 'PAID' and not is_test
    group by shop, order_id
),

broken as (
    select
        shop,
        order_id,
        sum(case when state = 'open' then 1 else 0 end) as open_breaks_count,
        sum(case when state = 'pending' then 1 else 0 end) as pending_breaks_count
    from {{ ref('fct_breaks') }}
    where order_id is not null
    group by shop, order_id
),

final as (
    select
        {% for column in [
            'shop', 'order_id', 'order_name', 'customer_id', 'company_id', 'retail_location_id', 'order_date',
            'placed_at', 'cancelled_at', 'sales_channel', 'financial_status', 'fulfillment_status', 'return_status',
            'discount_codes', 'shipping_country_code', 'is_cancelled', 'is_edited', 'taxes_included', 'lines_count',
            'units_ordered', 'units_sold', 'currency', 'original_total_amount', 'order_total_amount',
            'current_total_amount', 'received_amount', 'refunded_amount', 'outstanding_amount', 'gross_sales_amount',
            'discounts_amount', 'sales_reversals_amount', 'net_sales_amount', 'shipping_amount', 'taxes_amount',
            'total_sales_amount', 'tips_amount', 'gift_card_sales_amount', 'reporting_currency',
            'net_sales_reporting_amount', 'total_sales_reporting_amount', 'time_zone', 'orders_extracted_at',
            'ledger_extracted_at',
        ] -%}
        totals.{{ column }},
        {% endfor -%}
        -- what the ERP says
        told.erp,
        told.sales_order_id as erp_order_id,
        told.erp_number as erp_order_number,
        coalesce(told.erp_live_orders_count, 0) as erp_orders_count,
        told.erp_status,
        told.erp_currency,
        told.erp_total_amount,
        told.erp_invoiced_amount,
        told.erp_paid_amount,
        -- what the warehouse partner says
        told.partner,
        case
            when told.threepl_stuck_status is not null then told.threepl_stuck_status
            when
                told.threepl_shipped_count > 0
                and (
                    told.threepl_open_orders_count > 0 or told.threepl_shipped_count < told.threepl_shipments_count
                )
                then 'partially_shipped'
            when told.threepl_shipped_count > 0 then 'shipped'
            when told.threepl_open_orders_count + told.threepl_shipments_count > 0 then 'processing'
            when told.threepl_orders_count > 0 then 'closed'
        end as warehouse_status,
        coalesce(told.threepl_shipped_count, 0) as parcels_count,
        told.threepl_first_shipped_at as first_shipped_at,
        told.threepl_last_shipped_at as last_shipped_at,
        -- what the payments provider says
        coalesce(paid_out.payouts_count, 0) as payouts_count,
        paid_out.paid_out_amount,
        paid_out.payment_fees_amount,
        -- whether they agree
        coalesce(broken.open_breaks_count, 0) as open_breaks_count,
        coalesce(broken.pending_breaks_count, 0) as pending_breaks_count,
        case
            when broken.open_breaks_count > 0 then 'broken'
            when broken.pending_breaks_count > 0 then 'pending'
            when
                told.sales_order_id is not null or told.threepl_orders_count + told.threepl_shipments_count > 0
                then 'matched'
            else 'uncompared'
        end as reconciliation_state,
        totals.built_at
    from {{ ref('int_orders__totals') }} as totals
    left join told on totals.shop = told.shop and totals.order_id = told.order_id
    left join paid_out on totals.shop = paid_out.shop and totals.order_id = paid_out.order_id
    left join broken on totals.shop = broken.shop and totals.order_id = broken.order_id
)

select * from final
