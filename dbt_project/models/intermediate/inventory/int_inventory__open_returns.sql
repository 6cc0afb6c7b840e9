-- Goods that came back to a warehouse before its latest snapshot, and that the shop had not put back into stock then.
{{ config(materialized='view') }}

with snapshots as (
    select * from {{ ref('int_inventory__latest_snapshots') }}
),

returned as (
    select
        snapshots.partner,
        snapshots.warehouse_code,
        snapshots.shop,
        snapshots.as_of,
        movements.movement_id,
        movements.sku,
        movements.quantity,
        movements.occurred_at,
        {{ business_date('movements.occurred_at', "'UTC'") }} as occurred_date
    from snapshots
    inner join {{ ref('int_inventory__movements') }} as movements
        on snapshots.partner = movements.partner and snapshots.warehouse_code = movements.warehouse_code
    where movements.kind = 'return' and movements.occurred_at <= snapshots.as_of
),

-- What was fulfilled never brings any, and is most of all events.
brought as (
    select
        *,
        {{ business_date('moved_at', "'UTC'") }} as moved_date
    from {{ ref('int_inventory__shop_events') }}
    where kind != 'fulfilled' and quantity > 0
),

-- Within two days, which are three dates: by date each return meets few of the events of its SKU.
restocked as (
    {% for days in range(3) -%}
    select
        returned.partner,
        returned.movement_id
    from returned
    inner join brought
        on
            returned.shop = brought.shop
            and returned.sku = brought.sku
            and {{ add_days('returned.occurred_date', days) }} = brought.moved_date
    where
        brought.moved_at <= returned.as_of
        and brought.moved_at >= returned.occurred_at
        and brought.moved_at <= {{ add_minutes('returned.occurred_at', 2880) }}
    {{ 'union distinct' if not loop.last }}
    {% endfor -%}
),

final as (
    select
        returned.partner,
        returned.movement_id,
        returned.warehouse_code,
        returned.sku,
        returned.quantity as units
    from returned
    left join restocked
        on returned.partner = restocked.partner and returned.movement_id = restocked.movement_id
    where restocked.movement_id is null
)

select * from final
