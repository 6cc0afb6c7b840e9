-- Stock of each warehouse by its latest snapshot, spelt and counted as the merchant does. A SKU that a later snapshot
-- leaves out is as it was: absence is not zero.
with places as (
    select * from {{ ref('int_xref__locations') }}
    where warehouse_code is not null
),

latest as (
    select
        snapshots.*,
        row_number() over (
            partition by snapshots.partner, snapshots.warehouse_code, snapshots.sku
            order by snapshots.as_of desc, snapshots.snapshot_id desc
        ) as place
    from {{ ref('stg_threepl__inventory_snapshots') }} as snapshots
),

final as (
    select
        latest.partner,
        latest.warehouse_code,
        coalesce(skus.sku, latest.sku) as sku,
        places.shop,
        places.location_id,
        places.erp,
        places.erp_location_id,
        places.currency,
        places.time_zone,
        max(latest.as_of) as as_of,
        sum(latest.on_hand_quantity * coalesce(skus.unit_factor, 1)) as on_hand_quantity,
        sum(latest.available_quantity * coalesce(skus.unit_factor, 1)) as available_quantity,
        sum(coalesce(latest.committed_quantity, 0) * coalesce(skus.unit_factor, 1)) as committed_quantity,
        sum(coalesce(latest.damaged_quantity, 0) * coalesce(skus.unit_factor, 1)) as damaged_quantity,
        sum(coalesce(latest.inspection_quantity, 0) * coalesce(skus.unit_factor, 1)) as inspection_quantity
    from latest
    inner join places on latest.partner = places.partner and latest.warehouse_code = places.warehouse_code
    left join {{ ref('int_xref__skus') }} as skus
        on
            places.erp = skus.erp
            and latest.partner = skus.system
            and latest.sku = skus.external_sku
            and {{ business_date('latest.as_of', 'places.time_zone') }} between skus.valid_from and skus.valid_to
            and not skus.is_shadowed
    where latest.place = 1
    group by
        latest.partner, latest.warehouse_code, coalesce(skus.sku, latest.sku), places.shop, places.location_id,
        places.erp, places.erp_location_id, places.currency, places.time_zone
)

select * from final
