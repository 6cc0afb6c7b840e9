-- What is reconciled, one row each on its business day: orders, refunds, payouts, and what warehouses counted. What has
-- no counterpart in another system can not agree with it.
{{ config(materialized='view') }}

with shops as (
    select
        shop,
        iana_timezone
    from {{ ref('stg_shopify__shops') }}
),

orders as (
    select
        orders.shop,
        'orders' as object_type,
        {{ text('orders.order_id') }} as object_key,
        {{ business_date('orders.placed_at', 'shops.iana_timezone') }} as business_date,
        orders.currency,
        orders.total_amount as amount,
        orders.sales_order_id is not null
        or orders.threepl_orders_count + orders.threepl_shipments_count > 0 as has_counterpart,
        false as is_on_its_way
    from {{ ref('int_reconciliation__orders') }} as orders
    inner join shops on orders.shop = shops.shop
),

credited as (
    select distinct {{ reference('shopify_refund_reference', 'Refund') }} as refund_key
    from {{ ref('stg_erp__credit_memos') }}
    where shopify_refund_reference is not null
),

refunds as (
    select
        refunds.shop,
        'refunds' as object_type,
        {{ text('refunds.refund_id') }} as object_key,
        refunds.refund_date as business_date,
        refunds.currency,
        refunds.refunded_amount as amount,
        credited.refund_key is not null as has_counterpart,
        false as is_on_its_way
    from {{ ref('fct_refunds') }} as refunds
    left join credited on {{ text('refunds.refund_id') }} = credited.refund_key
    where not refunds.is_restock_only
),

payouts as (
    select
        payouts.shop,
        'payouts' as object_type,
        {{ text('payouts.payout_id') }} as object_key,
        {{ business_date('payouts.issued_at', 'shops.iana_timezone') }} as business_date,
        payouts.currency,
        payouts.net_amount as amount,
        payouts.bank_lines_count + payouts.ledger_documents_count > 0 or payouts.is_reconciled as has_counterpart,
        payouts.is_in_transit as is_on_its_way
    from {{ ref('fct_payouts') }} as payouts
    inner join shops on payouts.shop = shops.shop
),

-- Of all days, valued at today's cost.
counts as (
    select
        positions.shop,
        'inventory' as object_type,
        positions.warehouse_code || '/' || positions.sku as object_key,
        daily_counts.business_date,
        positions.currency,
        daily_counts.on_hand_quantity * positions.unit_cost_amount as amount,
        positions.erp_on_hand_quantity is not null or positions.shop_on_hand_quantity is not null as has_counterpart,
        false as is_on_its_way
    from {{ ref('int_inventory__daily_counts') }} as daily_counts
    inner join {{ ref('int_inventory__positions') }} as positions
        on
            daily_counts.partner = positions.partner
            and daily_counts.warehouse_code = positions.warehouse_code
            and daily_counts.sku = positions.sku
),

final as (
    {% for objects in ['orders', 'refunds', 'payouts', 'counts'] -%}
    select
        shop,
        object_type,
        object_key,
        business_date,
        currency,
        {{ money('coalesce(amount, 0)') }} as amount,
        case
            when is_on_its_way then 'pending' when has_counterpart then 'matched' else 'uncompared'
        end as state
    from {{ objects }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select * from final
