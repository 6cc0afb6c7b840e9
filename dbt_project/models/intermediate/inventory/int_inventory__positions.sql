-- Stock side by side, at the instant of the warehouse's snapshot, and what open movements explain of the difference.
with stock as (
    select * from {{ ref('int_inventory__warehouse_stock') }}
),

levels as (
    select * from {{ ref('int_inventory__shop_stock') }}
),

balances as (
    select
        erp,
        location_id,
        sku,
        max(as_of) as as_of,
        sum(on_hand_quantity) as on_hand_quantity,
        sum(available_quantity) as available_quantity,
        sum(value_amount) as value_amount,
        max(average_cost_amount) as average_cost_amount
    from {{ ref('stg_erp__inventory_balances') }}
    group by erp, location_id, sku
),

-- What an item costs that the ERP keeps no balance of.
costs as (
    select
        erp,
        sku,
        max(cost_amount) as cost_amount
    from {{ ref('stg_erp__items') }}
    where sku is not null
    group by erp, sku
),

-- The shop's stock is read later than the warehouse's: what moved in between is put back.
moved_since as (
    select
        stock.partner,
        stock.warehouse_code,
        stock.sku,
        sum(events.quantity) as quantity,
        sum(events.released_quantity) as released_quantity
    from stock
    inner join {{ ref('int_inventory__shop_events') }} as events
        on
            stock.shop = events.shop
            and stock.location_id = events.location_id
            and stock.sku = events.sku
            and stock.as_of < events.moved_at
    group by stock.partner, stock.warehouse_code, stock.sku
),

-- Goods that arrived within a day before the snapshot, or after it: the shop books them at another time.
received as (
    select
        stock.partner,
        stock.warehouse_code,
        stock.sku,
        sum(case when movements.occurred_at <= stock.as_of then movements.quantity else 0 end) as before_quantity,
        sum(case when movements.occurred_at > stock.as_of then movements.quantity else 0 end) as after_quantity
    from stock
    inner join {{ ref('int_inventory__movements') }} as movements
        on
            stock.partner = movements.partner
            and stock.warehouse_code = movements.warehouse_code
            and stock.sku = movements.sku
            and movements.kind = 'receipt'
            and {{ add_minutes('stock.as_of', -1440) }} < movements.occurred_at
    group by stock.partner, stock.warehouse_code, stock.sku
),

final as (
    select
        {% for column in [
            'partner', 'warehouse_code', 'sku', 'shop', 'location_id', 'erp', 'erp_location_id', 'currency', 'as_of',
            'on_hand_quantity', 'available_quantity', 'committed_quantity', 'damaged_quantity', 'inspection_quantity',
        ] -%}
        stock.{{ column }},
        {% endfor -%}
        levels.on_hand_quantity - coalesce(moved_since.quantity, 0) as shop_on_hand_quantity,
        levels.available_quantity - coalesce(moved_since.released_quantity, 0) as shop_available_quantity,
        levels.updated_at as shop_updated_at,
        levels.extracted_at as shop_as_of,
        balances.on_hand_quantity as erp_on_hand_quantity,
        balances.available_quantity as erp_available_quantity,
        balances.as_of as erp_as_of,
        coalesce(open_units.units, 0) as open_quantity,
        coalesce(open_units.missing_units, 0) as missing_quantity,
        coalesce(received.before_quantity, 0) as received_before_quantity,
        coalesce(received.after_quantity, 0) as received_after_quantity,
        stock.on_hand_quantity - (levels.on_hand_quantity - coalesce(moved_since.quantity, 0))
        - coalesce(open_units.units, 0) as unexplained_quantity,
        coalesce(balances.average_cost_amount, costs.cost_amount) as unit_cost_amount,
        {{ money('balances.value_amount') }} as erp_value_amount
    from stock
    left join levels on stock.shop = levels.shop and stock.location_id = levels.location_id and stock.sku = levels.sku
    left join balances
        on stock.erp = balances.erp and stock.erp_location_id = balances.location_id and stock.sku = balances.sku
    left join costs on stock.erp = costs.erp and stock.sku = costs.sku
    left join moved_since
        on
            stock.partner = moved_since.partner
            and stock.warehouse_code = moved_since.warehouse_code
            and stock.sku = moved_since.sku
    left join {{ ref('int_inventory__open_units') }} as open_units
        on
            stock.partner = open_units.partner
            and stock.warehouse_code = open_units.warehouse_code
            and stock.sku = open_units.sku
    left join received
        on
            stock.partner = received.partner
            and stock.warehouse_code = received.warehouse_code
            and stock.sku = received.sku
)

select * from final
