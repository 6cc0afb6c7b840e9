-- Movements of the warehouses, spelt and counted as the merchant does.
{{ config(materialized='view') }}

with final as (
    select
        movements.partner,
        movements.movement_id,
        movements.warehouse_code,
        coalesce(skus.sku, movements.sku) as sku,
        places.shop,
        places.location_id,
        places.erp,
        places.erp_location_id,
        places.currency,
        movements.kind,
        movements.quantity * coalesce(skus.unit_factor, 1) as quantity,
        movements.reason,
        movements.reference,
        movements.occurred_at
    from {{ ref('stg_threepl__movements') }} as movements
    inner join {{ ref('int_xref__locations') }} as places
        on movements.partner = places.partner and movements.warehouse_code = places.warehouse_code
    left join {{ ref('int_xref__skus') }} as skus
        on
            {{ spelt_on(
                business_date('movements.occurred_at', 'places.time_zone'), 'places.erp', 'movements.partner',
                'movements.sku'
            ) }}
)

select * from final
