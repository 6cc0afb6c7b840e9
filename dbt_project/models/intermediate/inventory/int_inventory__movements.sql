-- Movements of the warehouses, spelt and counted as the merchant does.
{{ config(materialized='view') }}

with places as (
    select * from {{ ref('int_xref__locations') }}
    where warehouse_code is not null
),

final as (
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
    inner join places on movements.partner = places.partner and movements.warehouse_code = places.warehouse_code
    left join {{ ref('int_xref__skus') }} as skus
        on
            places.erp = skus.erp
            and movements.partner = skus.system
            and movements.sku = skus.external_sku
            and {{ business_date('movements.occurred_at', 'places.time_zone') }}
            between skus.valid_from and skus.valid_to
            and not skus.is_shadowed
)

select * from final
