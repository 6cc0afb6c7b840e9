-- Each snapshot of a SKU against the one before: what the movements between them should have left, and what is there.
{{ config(materialized='view') }}

with counts as (
    select
        partner,
        warehouse_code,
        sku,
        as_of,
        max(on_hand_quantity) as on_hand_quantity
    from {{ ref('stg_threepl__inventory_snapshots') }}
    group by partner, warehouse_code, sku, as_of
),

paired as (
    select
        *,
        lag(as_of) over (partition by partner, warehouse_code, sku order by as_of) as former_as_of,
        lag(on_hand_quantity) over (partition by partner, warehouse_code, sku order by as_of) as former_quantity
    from counts
),

-- Movements are told from some instant on: what lies before it can not be counted.
told as (
    select
        partner,
        warehouse_code,
        min(occurred_at) as first_told_at
    from {{ ref('stg_threepl__movements') }}
    group by partner, warehouse_code
),

moved as (
    select
        paired.partner,
        paired.warehouse_code,
        paired.sku,
        paired.as_of,
        sum(movements.quantity) as quantity
    from paired
    inner join {{ ref('stg_threepl__movements') }} as movements
        on
            paired.partner = movements.partner
            and paired.warehouse_code = movements.warehouse_code
            and paired.sku = movements.sku
            and paired.former_as_of < movements.occurred_at
            and paired.as_of >= movements.occurred_at
    group by paired.partner, paired.warehouse_code, paired.sku, paired.as_of
),

final as (
    select
        paired.partner,
        paired.warehouse_code,
        paired.sku,
        paired.as_of,
        paired.former_as_of,
        paired.on_hand_quantity,
        paired.former_quantity + coalesce(moved.quantity, 0) as expected_quantity
    from paired
    inner join told on paired.partner = told.partner and paired.warehouse_code = told.warehouse_code
    left join moved
        on
            paired.partner = moved.partner
            and paired.warehouse_code = moved.warehouse_code
            and paired.sku = moved.sku
            and paired.as_of = moved.as_of
    where paired.former_as_of >= told.first_told_at
)

select * from final
