-- Goods received that do not fit: fewer than announced, or on one side only.
with places as (
    select * from {{ ref('int_xref__locations') }}
    where warehouse_code is not null
),

received as (
    select * from {{ ref('int_reconciliation__receipts') }}
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

{{ one_a_key(
    'short', 'received', "status = 'completed' and received_quantity != expected_quantity", 'closed_at', 'stock_key'
) }},

-- A partner's book begins somewhere: what the ERP received before it did, the partner can not know.
books as (
    select
        partner,
        warehouse_code,
        {{ business_date('min(coalesce(received_at, closed_at))', "'UTC'") }} as first_date
    from {{ ref('stg_threepl__receipts') }}
    group by partner, warehouse_code
),

-- What the ERP does not know at all, it can not receive: that is told of the SKU (REF-01).
one_side as (
    select
        shop,
        erp,
        partner,
        currency,
        stock_key,
        closed_at as since,
        {{ text('received_quantity') }} as expected,
        {{ text("'0'") }} as actual,
        -received_quantity as delta,
        purchase_order_number,
        receipt_id
    from received
    where
        status = 'completed' and erp is not null and is_known and received_quantity > 0
        and not exists (
            select 1
            from in_erp
            where
                in_erp.erp = received.erp and in_erp.purchase_order_number = received.purchase_order_number
                and in_erp.sku = received.sku and in_erp.received_quantity > 0
        )
    union all
    select
        places.shop,
        places.erp,
        places.partner,
        places.currency,
        places.warehouse_code || '/' || booked.sku as stock_key,
        booked.updated_at as since,
        {{ text("'0'") }} as expected,
        {{ text('booked.received_quantity') }} as actual,
        booked.received_quantity as delta,
        booked.purchase_order_number,
        booked.receipt_number as receipt_id
    from {{ ref('stg_erp__purchase_receipts') }} as booked
    inner join places on booked.erp = places.erp and booked.location_id = places.erp_location_id
    inner join books on places.partner = books.partner and places.warehouse_code = books.warehouse_code
    where
        booked.received_quantity > 0 and booked.received_date > books.first_date
        and not exists (
            select 1
            from received
            where
                received.erp = booked.erp and received.purchase_order_number = booked.purchase_order_number
                and received.sku = booked.sku and received.status not in ('awaiting', 'cancelled')
        )
),

{{ one_a_key('unmatched', 'one_side', 'true', 'since', 'stock_key') }},

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
        'INV-06', 'sku_location', 'stock_key', 'since', order_id=none, partner='partner',
        expected='expected', actual='actual', delta='delta',
        evidence={'purchase_order_number': 'purchase_order_number', 'receipt_id': 'receipt_id'}
    ) }}
    from unmatched
)

{% for found in ['short_receipt', 'one_sided'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
