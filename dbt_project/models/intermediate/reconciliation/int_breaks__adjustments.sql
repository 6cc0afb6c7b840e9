-- Adjustments of a warehouse partner that nobody explains.
with adjusted as (
    select
        movements.*,
        movements.warehouse_code || '/' || movements.sku as stock_key
    from {{ ref('int_inventory__movements') }} as movements
    where
        movements.kind = 'adjustment'
        and not exists (
            select 1
            from {{ ref('stg_erp__inventory_adjustments') }} as adjustments
            where
                adjustments.erp = movements.erp and adjustments.location_id = movements.erp_location_id
                and adjustments.sku = movements.sku and adjustments.quantity = movements.quantity
        )
),

{{ one_a_key('unexplained', 'adjusted', 'true', 'occurred_at', 'stock_key') }},

final as (
    {{ break_candidate(
        'INV-10', 'sku_location', 'stock_key', 'occurred_at', order_id=none, partner='partner', actual='quantity',
        delta='quantity', evidence={'movement_id': 'movement_id', 'reference': 'reference'}
    ) }}
    from unexplained
)

select * from final
