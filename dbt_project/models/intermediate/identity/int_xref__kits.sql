-- What one of a kit is made of, by day: an order holds what was right on its day.
with components as (
    select * from {{ ref('stg_erp__item_components') }}
),

items as (
    select * from {{ ref('stg_erp__items') }}
),

final as (
    select
        components.erp,
        kits.sku as kit_sku,
        parts.sku as component_sku,
        components.quantity,
        coalesce(components.valid_from, cast('1970-01-01' as date)) as valid_from,
        coalesce(components.valid_to, cast('2999-12-31' as date)) as valid_to
    from components
    inner join items as kits on components.erp = kits.erp and components.kit_item_id = kits.item_id
    inner join items as parts on components.erp = parts.erp and components.component_item_id = parts.item_id
    where kits.sku is not null and parts.sku is not null
)

select * from final
