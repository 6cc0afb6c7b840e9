-- What warehouse partners say happened to the orders of shops: received, labelled, shipped.
{{ config(materialized='view') }}

with partner_orders as (
    select
        orders.partner,
        xref.shop,
        xref.order_id,
        orders.order_id as partner_order_id,
        orders.received_at
    from {{ ref('stg_threepl__orders') }} as orders
    inner join {{ ref('int_xref__orders') }} as xref
        on xref.system = 'threepl' and orders.partner = xref.connection and orders.order_id = xref.external_order_id
    where xref.order_id is not null
),

final as (
    select
        shop,
        order_id,
        'threepl' as system,
        partner as connection,
        'order received' as milestone,
        partner_order_id as document_id,
        received_at as occurred_at,
        partner_order_id as reference,
        {{ money('null') }} as amount,
        {{ text('null') }} as currency
    from partner_orders
    union all
    select
        shop,
        order_id,
        'threepl' as system,
        partner as connection,
        'labelled' as milestone,
        shipment_id as document_id,
        labeled_at as occurred_at,
        shipment_key as reference,
        {{ money('null') }} as amount,
        {{ text('null') }} as currency
    from {{ ref('int_reconciliation__shipments') }}
    where order_id is not null and labeled_at is not null
    union all
    select
        shop,
        order_id,
        'threepl' as system,
        partner as connection,
        'shipped' as milestone,
        shipment_id as document_id,
        shipped_at as occurred_at,
        shipment_key as reference,
        {{ money('null') }} as amount,
        {{ text('null') }} as currency
    from {{ ref('int_reconciliation__shipments') }}
    where order_id is not null and shipped_at is not null
)

select * from final
