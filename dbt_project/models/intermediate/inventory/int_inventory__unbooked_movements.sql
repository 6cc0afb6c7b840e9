-- Goods that a warehouse moved and the ERP has no document of: parcels without a fulfilment, deliveries and returns
-- that have no receipt, adjustments it does not know. Units are the merchant's, what left is negative.
{{ config(materialized='view') }}

with movements as (
    select
        *,
        {{ reference('reference') }} as reference_key
    from {{ ref('int_inventory__movements') }}
    where kind in ('receipt', 'return', 'adjustment')
),

documents as (
    select
        erp,
        'receipt' as kind,
        {{ reference('purchase_order_number') }} as reference_key
    from {{ ref('stg_erp__purchase_receipts') }}
    union distinct
    select
        erp,
        'return' as kind,
        {{ reference('rma_number') }} as reference_key
    from {{ ref('stg_erp__return_receipts') }}
    union distinct
    select
        erp,
        'adjustment' as kind,
        {{ reference('number') }} as reference_key
    from {{ ref('stg_erp__inventory_adjustments') }}
),

unioned as (
    select
        shipments.partner,
        shipments.warehouse_code,
        lines.sku,
        'shipment' as kind,
        -lines.units as quantity,
        shipments.shipped_at as occurred_at
    from {{ ref('fct_shipments') }} as shipments
    inner join {{ ref('int_reconciliation__parcel_lines') }} as lines
        on shipments.partner = lines.partner and shipments.shipment_id = lines.shipment_id
    where shipments.is_shipped and shipments.erp_fulfillment_id is null
    union all
    select
        movements.partner,
        movements.warehouse_code,
        movements.sku,
        movements.kind,
        movements.quantity,
        movements.occurred_at
    from movements
    where
        not exists (
            select 1
            from documents
            where
                documents.erp = movements.erp
                and documents.kind = movements.kind
                and documents.reference_key = movements.reference_key
        )
),

final as (
    select
        partner,
        warehouse_code,
        sku,
        kind,
        occurred_at,
        sum(quantity) as quantity
    from unioned
    group by partner, warehouse_code, sku, kind, occurred_at
)

select * from final
