-- Stock of a SKU at a warehouse as three systems have it, at the partner's latest count. The shop's is put back to that
-- instant; the ERP's is as it stands, and what the partner moved since, or the ERP has not booked yet and still may,
-- explains its difference.
with positions as (
    select * from {{ ref('int_inventory__positions') }}
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

-- By the partner's own book: what it moved after it counted, up to where the ERP stands.
moved as (
    select
        positions.partner,
        positions.warehouse_code,
        positions.sku,
        sum(movements.quantity) as quantity
    from positions
    inner join {{ ref('int_inventory__movements') }} as movements
        on
            positions.partner = movements.partner
            and positions.warehouse_code = movements.warehouse_code
            and positions.sku = movements.sku
    where movements.occurred_at > positions.as_of and movements.occurred_at <= positions.erp_as_of
    group by positions.partner, positions.warehouse_code, positions.sku
),

unbooked as (
    select
        positions.partner,
        positions.warehouse_code,
        positions.sku,
        sum(movements.quantity) as quantity
    from positions
    cross join allowed
    inner join {{ ref('int_inventory__unbooked_movements') }} as movements
        on
            positions.partner = movements.partner
            and positions.warehouse_code = movements.warehouse_code
            and positions.sku = movements.sku
    where
        movements.occurred_at <= positions.erp_as_of
        and case movements.kind
            {% for kind in ['shipment', 'receipt', 'return', 'adjustment'] -%}
            when '{{ kind }}' then {{ add_minutes('movements.occurred_at', 'allowed.' ~ kind ~ '_minutes') }}
            {% endfor -%}
        end > positions.erp_as_of
    group by positions.partner, positions.warehouse_code, positions.sku
),

final as (
    select
        {% for column in [
            'partner', 'warehouse_code', 'sku', 'shop', 'location_id', 'erp', 'erp_location_id', 'as_of', 'shop_as_of',
            'erp_as_of',
        ] -%}
        positions.{{ column }},
        {% endfor -%}
        {% for state in [
            'on_hand', 'available', 'committed', 'damaged', 'inspection', 'shop_on_hand', 'shop_available',
            'erp_on_hand', 'erp_available',
        ] -%}
        {{ decimal('positions.' ~ state ~ '_quantity', 18, 6) }} as {{ state }}_units,
        {% endfor -%}
        {{ decimal('positions.on_hand_quantity - positions.shop_on_hand_quantity', 18, 6) }} as shop_drift_units,
        {{ decimal('positions.open_quantity', 18, 6) }} as shop_open_units,
        {{ decimal('positions.unexplained_quantity', 18, 6) }} as shop_unexplained_units,
        {{ decimal('positions.on_hand_quantity - positions.erp_on_hand_quantity', 18, 6) }} as erp_drift_units,
        {{ decimal('coalesce(moved.quantity, 0)', 18, 6) }} as erp_moved_since_units,
        {{ decimal('coalesce(unbooked.quantity, 0)', 18, 6) }} as erp_unbooked_units,
        {{ decimal(
            'positions.on_hand_quantity - positions.erp_on_hand_quantity '
            ~ '+ coalesce(moved.quantity, 0) - coalesce(unbooked.quantity, 0)', 18, 6
        ) }} as erp_unexplained_units,
        positions.currency,
        positions.unit_cost_amount,
        {{ money('positions.on_hand_quantity * positions.unit_cost_amount') }} as value_amount,
        positions.erp_value_amount
    from positions
    left join moved
        on
            positions.partner = moved.partner
            and positions.warehouse_code = moved.warehouse_code
            and positions.sku = moved.sku
    left join unbooked
        on
            positions.partner = unbooked.partner
            and positions.warehouse_code = unbooked.warehouse_code
            and positions.sku = unbooked.sku
)

select * from final
