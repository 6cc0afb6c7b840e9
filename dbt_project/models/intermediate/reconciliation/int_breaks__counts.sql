-- Snapshots of a warehouse that its own movements do not lead to; the first of each SKU is told.
with miscounted as (
    select
        places.shop,
        places.erp,
        places.partner,
        places.currency,
        places.warehouse_code || '/' || coalesce(skus.sku, counted.sku) as stock_key,
        min(counted.as_of) as as_of,
        min_by(counted.on_hand_quantity, counted.as_of) as on_hand_quantity,
        min_by(counted.expected_quantity, counted.as_of) as expected_quantity
    from {{ ref('int_inventory__counted') }} as counted
    inner join {{ ref('int_xref__locations') }} as places
        on counted.partner = places.partner and counted.warehouse_code = places.warehouse_code
    left join {{ ref('int_xref__skus') }} as skus
        on
            {{ spelt_on(
                business_date('counted.as_of', 'places.time_zone'), 'places.erp', 'counted.partner', 'counted.sku'
            ) }}
    where counted.on_hand_quantity != counted.expected_quantity
    group by
        places.shop, places.erp, places.partner, places.currency, places.warehouse_code, coalesce(skus.sku, counted.sku)
)

{{ break_candidate(
    'INV-04', 'sku_location', 'stock_key', 'as_of', order_id=none, partner='partner', expected='expected_quantity',
    actual='on_hand_quantity', delta='on_hand_quantity - expected_quantity', evidence={'as_of': 'as_of'}
) }}
from miscounted
