-- Stock of an item at a warehouse as three systems have it: the partner's latest count, beside it ERP and shop. What
-- the partner moved and the ERP has not booked yet explains a difference for as long as that may take.
with stock as (
    select * from {{ ref('int_reconciliation__warehouse_stock') }}
),

levels as (
    select
        levels.shop,
        levels.location_id,
        items.sku,
        sum(levels.on_hand_quantity) as on_hand_units,
        sum(levels.available_quantity) as available_units,
        max(levels.extracted_at) as as_of
    from {{ ref('stg_shopify__inventory_levels') }} as levels
    inner join {{ ref('stg_shopify__inventory_items') }} as items
        on levels.shop = items.shop and levels.inventory_item_id = items.inventory_item_id
    where levels.is_active and items.sku is not null
    group by levels.shop, levels.location_id, items.sku
),

-- For how long a document of the ERP may be missing.
allowed as (
    select
        max(case when code = 'FUL-03' then window_minutes end) as shipment_minutes,
        max(case when code = 'INV-06' then window_minutes end) as receipt_minutes,
        max(case when code = 'RET-06' then window_minutes end) as return_minutes,
        max(case when code = 'INV-10' then window_minutes end) as adjustment_minutes
    from {{ ref('break_taxonomy') }}
),

beside as (
    select
        stock.*,
        stock.partner || '/' || stock.warehouse_code || '/' || stock.partner_sku as position_key,
        balances.on_hand_quantity as erp_on_hand_units,
        balances.available_quantity as erp_available_units,
        balances.as_of as erp_as_of,
        levels.on_hand_units as shop_on_hand_units,
        levels.available_units as shop_available_units,
        levels.as_of as shop_as_of,
        coalesce(balances.average_cost_amount, stock.cost_amount) as unit_cost_amount
    from stock
    left join {{ ref('stg_erp__inventory_balances') }} as balances
        on
            stock.erp = balances.erp
            and stock.erp_location_id = balances.location_id
            and stock.item_id = balances.item_id
    left join levels
        on stock.shop = levels.shop and stock.location_id = levels.location_id and stock.sku = levels.sku
),

-- By the partner's own book: what it moved after it counted, up to where the ERP stands.
moved as (
    select
        beside.position_key,
        sum(movements.quantity) as quantity
    from beside
    inner join {{ ref('stg_threepl__movements') }} as movements
        on
            beside.partner = movements.partner
            and beside.warehouse_code = movements.warehouse_code
            and beside.partner_sku = movements.sku
    where movements.occurred_at > beside.as_of and movements.occurred_at <= beside.erp_as_of
    group by beside.position_key
),

unbooked as (
    select
        beside.position_key,
        sum(movements.quantity) as quantity
    from beside
    cross join allowed
    inner join {{ ref('int_reconciliation__unbooked_movements') }} as movements
        on
            beside.partner = movements.partner
            and beside.warehouse_code = movements.warehouse_code
            and beside.partner_sku = movements.sku
    where
        movements.occurred_at <= beside.erp_as_of
        and case movements.kind
            {% for kind in ['shipment', 'receipt', 'return', 'adjustment'] -%}
            when '{{ kind }}' then {{ add_minutes('movements.occurred_at', 'allowed.' ~ kind ~ '_minutes') }}
            {% endfor -%}
        end > beside.erp_as_of
    group by beside.position_key
),

final as (
    select
        {% for column in [
            'partner', 'warehouse_code', 'partner_sku', 'sku', 'item_id', 'unit_factor', 'shop', 'location_id', 'erp',
            'as_of', 'erp_as_of', 'shop_as_of', 'on_hand_units', 'available_units', 'committed_units', 'damaged_units',
            'inspection_units', 'erp_on_hand_units', 'erp_available_units', 'shop_on_hand_units',
            'shop_available_units', 'currency', 'unit_cost_amount',
        ] -%}
        beside.{{ column }},
        {% endfor -%}
        {{ decimal('coalesce(moved.quantity, 0) * beside.unit_factor', 18, 6) }} as moved_since_units,
        {{ decimal('coalesce(unbooked.quantity, 0) * beside.unit_factor', 18, 6) }} as unbooked_units,
        {{ money('beside.on_hand_units * beside.unit_cost_amount') }} as value_amount,
        beside.erp_on_hand_units - beside.on_hand_units as erp_drift_units,
        {{ decimal(
            'beside.erp_on_hand_units - beside.on_hand_units '
            ~ '- (coalesce(moved.quantity, 0) - coalesce(unbooked.quantity, 0)) * beside.unit_factor', 18, 6
        ) }} as unexplained_units,
        beside.shop_on_hand_units - beside.on_hand_units as shop_drift_units
    from beside
    left join moved on beside.position_key = moved.position_key
    left join unbooked on beside.position_key = unbooked.position_key
)

select * from final
