-- Stock of each warehouse by its latest snapshot. A SKU that a later snapshot leaves out is as it was: absence is not
-- zero. Several of the partner's spellings may be one SKU.
with latest as (
    select
        *,
        row_number() over (
            partition by partner, warehouse_code, partner_sku order by as_of desc, extracted_at desc, snapshot_id desc
        ) as place
    from {{ ref('int_inventory__snapshots') }}
),

final as (
    select
        partner,
        warehouse_code,
        sku,
        shop,
        location_id,
        erp,
        erp_location_id,
        currency,
        max(as_of) as as_of,
        sum(on_hand_quantity) as on_hand_quantity,
        sum(available_quantity) as available_quantity,
        sum(coalesce(committed_quantity, 0)) as committed_quantity,
        sum(coalesce(damaged_quantity, 0)) as damaged_quantity,
        sum(coalesce(inspection_quantity, 0)) as inspection_quantity
    from latest
    where place = 1
    group by partner, warehouse_code, sku, shop, location_id, erp, erp_location_id, currency
)

select * from final
