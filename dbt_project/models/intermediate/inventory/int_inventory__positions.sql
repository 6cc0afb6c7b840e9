-- Stock side by side, at the instant of the warehouse's snapshot, and what open movements explain of the difference.
with stock as (
    select * from {{ ref('int_inventory__warehouse_stock') }}
),

levels as (
    select
        levels.shop,
        levels.location_id,
        items.sku,
        max(levels.updated_at) as updated_at,
        sum(levels.on_hand_quantity) as on_hand_quantity,
        sum(levels.available_quantity) as available_quantity
    from {{ ref('stg_shopify__inventory_levels') }} as levels
    inner join {{ ref('stg_shopify__inventory_items') }} as items
        on levels.shop = items.shop and levels.inventory_item_id = items.inventory_item_id
    where levels.is_active and items.is_tracked and items.sku is not null
    group by levels.shop, levels.location_id, items.sku
),

balances as (
    select
        erp,
        location_id,
        sku,
        sum(on_hand_quantity) as on_hand_quantity,
        sum(value_amount) as value_amount,
        max(average_cost_amount) as average_cost_amount
    from {{ ref('stg_erp__inventory_balances') }}
    group by erp, location_id, sku
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
        stock.partner,
        stock.warehouse_code,
        stock.sku,
        stock.shop,
        stock.location_id,
        stock.erp,
        stock.erp_location_id,
        stock.currency,
        stock.as_of,
        stock.on_hand_quantity,
        stock.available_quantity,
        stock.committed_quantity,
        stock.damaged_quantity,
        stock.inspection_quantity,
        levels.on_hand_quantity - coalesce(moved_since.quantity, 0) as shop_on_hand_quantity,
        levels.available_quantity - coalesce(moved_since.released_quantity, 0) as shop_available_quantity,
        levels.updated_at as shop_updated_at,
        balances.on_hand_quantity as erp_on_hand_quantity,
        coalesce(open_units.units, 0) as open_quantity,
        coalesce(open_units.missing_units, 0) as missing_quantity,
        coalesce(received.before_quantity, 0) as received_before_quantity,
        coalesce(received.after_quantity, 0) as received_after_quantity,
        stock.on_hand_quantity - (levels.on_hand_quantity - coalesce(moved_since.quantity, 0))
        - coalesce(open_units.units, 0) as unexplained_quantity,
        balances.average_cost_amount as unit_cost_amount,
        {{ money('stock.on_hand_quantity * balances.average_cost_amount') }} as value_at_cost_amount,
        {{ money('balances.value_amount') }} as erp_value_amount
    from stock
    left join levels on stock.shop = levels.shop and stock.location_id = levels.location_id and stock.sku = levels.sku
    left join balances
        on stock.erp = balances.erp and stock.erp_location_id = balances.location_id and stock.sku = balances.sku
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
