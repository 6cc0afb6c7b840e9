-- How other systems spell and pack an item, by day: one of theirs is `unit_factor` of ours. A SKU that is not here is
-- spelt as the ERP spells it, one for one.
with aliases as (
    select * from {{ ref('stg_erp__item_aliases') }}
),

items as (
    select * from {{ ref('stg_erp__items') }}
),

final as (
    select
        aliases.erp,
        aliases.alias_id,
        aliases.system,
        aliases.external_sku,
        aliases.item_id,
        items.sku,
        aliases.unit_factor,
        coalesce(aliases.valid_from, cast('1970-01-01' as date)) as valid_from,
        coalesce(aliases.valid_to, cast('2999-12-31' as date)) as valid_to,
        case when items.sku is null then 'none' else 'alias' end as match_method,
        {{ decimal('case when items.sku is null then 0 else 1 end', 5, 2) }} as match_confidence,
        -- of two that hold at once the newer one speaks; REF-04 tells of them
        coalesce(
            min(coalesce(aliases.valid_from, cast('1970-01-01' as date))) over (
                partition by aliases.erp, aliases.system, aliases.external_sku
                order by coalesce(aliases.valid_from, cast('1970-01-01' as date)), aliases.alias_id
                rows between 1 following and unbounded following
            ) <= coalesce(aliases.valid_to, cast('2999-12-31' as date)),
            false
        ) as is_shadowed
    from aliases
    left join items on aliases.erp = items.erp and aliases.item_id = items.item_id
)

select * from final
