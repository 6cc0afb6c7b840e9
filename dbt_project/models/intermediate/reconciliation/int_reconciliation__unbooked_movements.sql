-- Goods that a partner moved and the ERP has no document of: parcels without a fulfilment, deliveries and returns that
-- have no receipt, adjustments it does not know. Units are the partner's, what left is negative.
{{ config(materialized='view') }}

with movements as (
    select
        movements.*,
        {{ reference('movements.reference') }} as reference_key,
        locations.erp
    from {{ ref('stg_threepl__movements') }} as movements
    inner join {{ ref('int_xref__locations') }} as locations
        on movements.partner = locations.partner and movements.warehouse_code = locations.warehouse_code
    where movements.kind in ('receipt', 'return', 'adjustment')
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

parcels as (
    select
        shipments.partner,
        shipments.warehouse_code,
        lines.sku,
        'shipment' as kind,
        -lines.quantity as quantity,
        shipments.shipped_at as occurred_at
    from {{ ref('fct_shipments') }} as shipments
    inner join {{ ref('stg_threepl__shipment_lines') }} as lines
        on shipments.partner = lines.partner and shipments.shipment_id = lines.shipment_id
    where shipments.is_shipped and shipments.erp_fulfillment_id is null
),

final as (
    select * from parcels
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
)

select
    partner,
    warehouse_code,
    sku,
    kind,
    occurred_at,
    sum(quantity) as quantity
from final
group by partner, warehouse_code, sku, kind, occurred_at
