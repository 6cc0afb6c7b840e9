-- How other systems spell and pack an item, by day: one of theirs is `unit_factor` of ours. A SKU that is not here is
-- spelt as the ERP spells it, one for one. Of two that hold on a day the newer one speaks; REF-04 tells of them.
with aliases as (
    select
        *,
        coalesce(valid_from, cast('1970-01-01' as date)) as first_date,
        coalesce(valid_to, cast('2999-12-31' as date)) as last_date
    from {{ ref('stg_erp__item_aliases') }}
),

items as (
    select * from {{ ref('stg_erp__items') }}
),

followed as (
    select
        *,
        lead(first_date) over (
            partition by erp, system, external_sku order by first_date, alias_id
        ) as next_date
    from aliases
),

final as (
    select
        followed.erp,
        followed.alias_id,
        followed.system,
        followed.external_sku,
        followed.item_id,
        items.sku,
        followed.unit_factor,
        followed.first_date as valid_from,
        followed.last_date as valid_to,
        case
            when followed.next_date <= followed.last_date then {{ add_days('followed.next_date', -1) }}
            else followed.last_date
        end as speaks_until,
        case when items.sku is null then 'none' else 'alias' end as match_method,
        {{ decimal('case when items.sku is null then 0 else 1 end', 5, 2) }} as match_confidence
    from followed
    left join items on followed.erp = items.erp and followed.item_id = items.item_id
)

select * from final
