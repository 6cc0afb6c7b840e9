-- Documents of stock that do not fit: receipts of either side, and adjustments that nobody explains.
with places as (
    select * from {{ ref('int_xref__locations') }}
    where warehouse_code is not null
),

skus as (
    select * from {{ ref('int_xref__skus') }}
    where not is_shadowed
),

known_skus as (
    select distinct
        erp,
        sku
    from {{ ref('stg_erp__items') }}
),

received as (
    select
        places.shop,
        places.erp,
        places.partner,
        places.currency,
        places.erp_location_id,
        receipts.receipt_id,
        receipts.purchase_order_number,
        coalesce(receipts.closed_at, receipts.received_at) as closed_at,
        coalesce(skus.sku, lines.sku) as sku,
        places.warehouse_code || '/' || coalesce(skus.sku, lines.sku) as stock_key,
        lines.expected_quantity * coalesce(skus.unit_factor, 1) as expected_quantity,
        lines.received_quantity * coalesce(skus.unit_factor, 1) as received_quantity,
        known_skus.sku is not null as is_known
    from {{ ref('stg_threepl__receipts') }} as receipts
    inner join {{ ref('stg_threepl__receipt_lines') }} as lines
        on receipts.partner = lines.partner and receipts.receipt_id = lines.receipt_id
    inner join places on receipts.partner = places.partner and receipts.warehouse_code = places.warehouse_code
    left join skus on places.erp = skus.erp and lines.partner = skus.system and lines.sku = skus.external_sku
    left join known_skus on places.erp = known_skus.erp and coalesce(skus.sku, lines.sku) = known_skus.sku
    where receipts.status = 'completed' and lines.sku is not null
),

in_erp as (
    select
        erp,
        purchase_order_number,
        sku,
        sum(received_quantity) as received_quantity
    from {{ ref('stg_erp__purchase_receipts') }}
    group by erp, purchase_order_number, sku
),

{{ one_a_key('short', 'received', 'received_quantity != expected_quantity', 'closed_at', 'stock_key') }},

-- What the ERP does not know at all, it can not receive: that is told of the SKU (REF-01).
{{ one_a_key(
    'unbooked', 'received', "erp is not null and is_known and received_quantity > 0 and not exists (select 1 from in_erp "
    ~ "where in_erp.erp = received.erp and in_erp.purchase_order_number = received.purchase_order_number "
    ~ "and in_erp.sku = received.sku and in_erp.received_quantity > 0)", 'closed_at', 'stock_key'
) }},

adjusted as (
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

short_receipt as (
    {{ break_candidate(
        'INV-05', 'sku_location', 'stock_key', 'closed_at', order_id=none, partner='partner',
        expected='expected_quantity', actual='received_quantity', delta='received_quantity - expected_quantity',
        evidence={'purchase_order_number': 'purchase_order_number', 'receipt_id': 'receipt_id'}
    ) }}
    from short
),

one_sided as (
    {{ break_candidate(
        'INV-06', 'sku_location', 'stock_key', 'closed_at', order_id=none, partner='partner',
        expected='received_quantity', actual="'0'", delta='-received_quantity',
        evidence={'purchase_order_number': 'purchase_order_number', 'receipt_id': 'receipt_id'}
    ) }}
    from unbooked
),

without_reason as (
    {{ break_candidate(
        'INV-10', 'sku_location', 'stock_key', 'occurred_at', order_id=none, partner='partner', actual='quantity',
        delta='quantity', evidence={'movement_id': 'movement_id', 'reference': 'reference'}
    ) }}
    from unexplained
)

{% for found in ['short_receipt', 'one_sided', 'without_reason'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
