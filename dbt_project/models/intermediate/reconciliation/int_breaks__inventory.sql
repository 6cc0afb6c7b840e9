-- Stock that differs, by the latest snapshots. What is for sale beyond the stock is told only where the stock agrees;
-- what lies there and is not for sale is not told as a difference, too.
with positions as (
    select
        *,
        warehouse_code || '/' || sku as stock_key
    from {{ ref('int_inventory__positions') }}
),

last_moves as (
    select
        partner,
        warehouse_code,
        sku,
        max(occurred_at) as moved_at
    from {{ ref('int_inventory__movements') }}
    group by partner, warehouse_code, sku
),

kits as (
    select distinct
        erp,
        kit_sku
    from {{ ref('int_xref__kits') }}
),

compared as (
    select
        positions.*,
        -- What differs at the instant of the snapshot did so by then, whatever moved later.
        least(
            coalesce({{ later('positions.shop_updated_at', 'last_moves.moved_at') }}, positions.as_of), positions.as_of
        ) as since,
        taxonomy.tolerance_amount,
        abs(positions.unexplained_quantity) > greatest(
            coalesce(taxonomy.tolerance_amount, 0),
            coalesce(taxonomy.tolerance_share, 0) * abs(positions.on_hand_quantity)
        )
        and positions.unexplained_quantity != positions.received_before_quantity
        and positions.unexplained_quantity != -positions.received_after_quantity as is_different
    from positions
    inner join {{ ref('break_taxonomy') }} as taxonomy on taxonomy.code = 'INV-01'
    left join last_moves
        on
            positions.partner = last_moves.partner
            and positions.warehouse_code = last_moves.warehouse_code
            and positions.sku = last_moves.sku
    where
        not exists (
            select 1
            from kits
            where kits.erp = positions.erp and kits.kit_sku = positions.sku
        )
),

named as (
    select
        *,
        case
            when on_hand_quantity < 0 or erp_on_hand_quantity < 0 then 'INV-07'
            when shop_on_hand_quantity = 0 and available_quantity > 0 and is_different then 'INV-03'
            when is_different then 'INV-01'
            when shop_available_quantity - received_after_quantity > available_quantity - missing_quantity then 'INV-02'
        end as name
    from compared
),

different as (
    {{ break_candidate(
        'INV-01', 'sku_location', 'stock_key', 'since', order_id=none, partner='partner',
        expected='on_hand_quantity', actual='shop_on_hand_quantity', delta='unexplained_quantity',
        money='abs(unexplained_quantity) * unit_cost_amount',
        evidence={'warehouse_code': 'warehouse_code', 'sku': 'sku', 'open_units': 'open_quantity'}
    ) }}
    from named
    where name = 'INV-01'
),

oversold as (
    {{ break_candidate(
        'INV-02', 'sku_location', 'stock_key', 'since', order_id=none, partner='partner',
        expected='available_quantity', actual='shop_available_quantity',
        delta='shop_available_quantity - available_quantity',
        money='(shop_available_quantity - available_quantity) * unit_cost_amount',
        evidence={'warehouse_code': 'warehouse_code', 'sku': 'sku'}
    ) }}
    from named
    where name = 'INV-02'
),

not_for_sale as (
    {{ break_candidate(
        'INV-03', 'sku_location', 'stock_key', 'since', order_id=none, partner='partner',
        expected='available_quantity', actual='shop_available_quantity', delta='available_quantity',
        money='available_quantity * unit_cost_amount', evidence={'warehouse_code': 'warehouse_code', 'sku': 'sku'}
    ) }}
    from named
    where name = 'INV-03'
),

impossible as (
    {{ break_candidate(
        'INV-07', 'sku_location', 'stock_key', 'since', order_id=none,
        partner='partner',
        expected="'zero or more'", actual='least(on_hand_quantity, coalesce(erp_on_hand_quantity, on_hand_quantity))',
        money='null', evidence={'warehouse_code': 'warehouse_code', 'sku': 'sku'}
    ) }}
    from named
    where name = 'INV-07'
)

{% for found in ['different', 'oversold', 'not_for_sale', 'impossible'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
