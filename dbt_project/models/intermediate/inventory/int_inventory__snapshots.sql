-- What the warehouses counted, spelt and counted as the merchant did on that day.
{{ config(materialized='view') }}

with final as (
    select
        snapshots.partner,
        snapshots.snapshot_id,
        snapshots.warehouse_code,
        snapshots.sku as partner_sku,
        coalesce(skus.sku, snapshots.sku) as sku,
        places.shop,
        places.location_id,
        places.erp,
        places.erp_location_id,
        places.currency,
        snapshots.as_of,
        snapshots.extracted_at,
        snapshots.on_hand_quantity * coalesce(skus.unit_factor, 1) as on_hand_quantity,
        snapshots.available_quantity * coalesce(skus.unit_factor, 1) as available_quantity,
        snapshots.committed_quantity * coalesce(skus.unit_factor, 1) as committed_quantity,
        snapshots.damaged_quantity * coalesce(skus.unit_factor, 1) as damaged_quantity,
        snapshots.inspection_quantity * coalesce(skus.unit_factor, 1) as inspection_quantity
    from {{ ref('stg_threepl__inventory_snapshots') }} as snapshots
    inner join {{ ref('int_xref__locations') }} as places
        on snapshots.partner = places.partner and snapshots.warehouse_code = places.warehouse_code
    left join {{ ref('int_xref__skus') }} as skus
        on
            {{ spelt_on(
                business_date('snapshots.as_of', 'places.time_zone'), 'places.erp', 'snapshots.partner', 'snapshots.sku'
            ) }}
)

select * from final
