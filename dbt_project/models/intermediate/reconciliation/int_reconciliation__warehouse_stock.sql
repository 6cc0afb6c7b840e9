-- Stock as the warehouse partners last counted it, in the merchant's own items and units: partners spell and pack SKUs
-- their own way, as the ERP's aliases of that day say. A SKU that a later count leaves out keeps its last one.
{{ config(materialized='view') }}

with counted as (
    select
        *,
        row_number() over (
            partition by partner, warehouse_code, sku order by as_of desc, extracted_at desc, snapshot_id desc
        ) as place
    from {{ ref('stg_threepl__inventory_snapshots') }}
),

latest as (
    select
        counted.*,
        {{ business_date('counted.as_of', "'UTC'") }} as as_of_date,
        locations.shop,
        locations.location_id,
        locations.erp,
        locations.erp_location_id,
        locations.currency
    from counted
    inner join {{ ref('int_xref__locations') }} as locations
        on counted.partner = locations.partner and counted.warehouse_code = locations.warehouse_code
    where counted.place = 1
),

-- Of two aliases that hold at once the newer one speaks; REF-04 tells of it.
aliases as (
    select
        latest.partner,
        latest.warehouse_code,
        latest.sku,
        aliases.item_id,
        aliases.unit_factor,
        row_number() over (
            partition by latest.partner, latest.warehouse_code, latest.sku
            order by coalesce(aliases.valid_from, cast('1970-01-01' as date)) desc, aliases.alias_id desc
        ) as place
    from latest
    inner join {{ ref('stg_erp__item_aliases') }} as aliases
        on latest.erp = aliases.erp and latest.partner = aliases.system and latest.sku = aliases.external_sku
    where
        (aliases.valid_from is null or aliases.valid_from <= latest.as_of_date)
        and (aliases.valid_to is null or aliases.valid_to >= latest.as_of_date)
),

items as (
    select
        erp,
        sku,
        min(item_id) as item_id
    from {{ ref('stg_erp__items') }}
    where item_type = 'inventory'
    group by erp, sku
),

identified as (
    select
        latest.*,
        coalesce(aliases.item_id, items.item_id) as item_id,
        coalesce(aliases.unit_factor, 1) as unit_factor
    from latest
    left join aliases
        on
            latest.partner = aliases.partner
            and latest.warehouse_code = aliases.warehouse_code
            and latest.sku = aliases.sku
            and aliases.place = 1
    left join items on aliases.item_id is null and latest.erp = items.erp and latest.sku = items.sku
),

final as (
    select
        identified.partner,
        identified.warehouse_code,
        identified.sku as partner_sku,
        identified.shop,
        identified.location_id,
        identified.erp,
        identified.erp_location_id,
        identified.currency,
        identified.item_id,
        coalesce(items.sku, identified.sku) as sku,
        identified.unit_factor,
        identified.as_of,
        {% for state in ['on_hand', 'available', 'committed', 'damaged', 'inspection'] -%}
        {{ decimal('identified.' ~ state ~ '_quantity * identified.unit_factor', 18, 6) }} as {{ state }}_units,
        {% endfor -%}
        items.item_type,
        items.cost_amount
    from identified
    left join {{ ref('stg_erp__items') }} as items
        on identified.erp = items.erp and identified.item_id = items.item_id
)

select * from final
