-- What is in each parcel, spelt and counted as the merchant does.
{{ config(materialized='view') }}

with parcels as (
    select
        partner,
        shipment_id,
        erp,
        {{ business_date('coalesce(shipped_at, labeled_at)', 'time_zone') }} as parcel_date
    from {{ ref('int_reconciliation__shipments') }}
),

final as (
    select
        parcels.partner,
        parcels.shipment_id,
        coalesce(skus.sku, lines.sku) as sku,
        sum(lines.quantity * coalesce(skus.unit_factor, 1)) as units
    from parcels
    inner join {{ ref('stg_threepl__shipment_lines') }} as lines
        on parcels.partner = lines.partner and parcels.shipment_id = lines.shipment_id
    left join {{ ref('int_xref__skus') }} as skus
        on {{ spelt_on('parcels.parcel_date', 'parcels.erp', 'parcels.partner', 'lines.sku') }}
    where lines.quantity != 0
    group by parcels.partner, parcels.shipment_id, coalesce(skus.sku, lines.sku)
)

select * from final
