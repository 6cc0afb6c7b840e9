-- What a warehouse partner received on purchase orders, spelt and counted as the merchant does.
{{ config(materialized='view') }}

with known_skus as (
    select distinct
        erp,
        sku
    from {{ ref('stg_erp__items') }}
),

spelt as (
    select
        places.shop,
        places.erp,
        places.partner,
        places.currency,
        places.erp_location_id,
        receipts.receipt_id,
        receipts.purchase_order_number,
        receipts.status,
        coalesce(receipts.closed_at, receipts.received_at) as closed_at,
        coalesce(skus.sku, lines.sku) as sku,
        places.warehouse_code,
        lines.expected_quantity * coalesce(skus.unit_factor, 1) as expected_quantity,
        lines.received_quantity * coalesce(skus.unit_factor, 1) as received_quantity,
        known_skus.sku is not null as is_known
    from {{ ref('stg_threepl__receipts') }} as receipts
    inner join {{ ref('stg_threepl__receipt_lines') }} as lines
        on receipts.partner = lines.partner and receipts.receipt_id = lines.receipt_id
    inner join {{ ref('int_xref__locations') }} as places
        on receipts.partner = places.partner and receipts.warehouse_code = places.warehouse_code
    left join {{ ref('int_xref__skus') }} as skus
        on
            {{ spelt_on(
                business_date('coalesce(receipts.closed_at, receipts.received_at)', 'places.time_zone'), 'places.erp',
                'lines.partner', 'lines.sku'
            ) }}
    left join known_skus on places.erp = known_skus.erp and coalesce(skus.sku, lines.sku) = known_skus.sku
    where lines.sku is not null
),

-- Several of the partner's spellings may be one SKU.
final as (
    select
        shop,
        partner,
        receipt_id,
        sku,
        warehouse_code || '/' || sku as stock_key,
        max(erp) as erp,
        max(currency) as currency,
        max(erp_location_id) as erp_location_id,
        max(purchase_order_number) as purchase_order_number,
        max(status) as status,
        max(closed_at) as closed_at,
        max(case when is_known then 1 else 0 end) = 1 as is_known,
        sum(expected_quantity) as expected_quantity,
        sum(received_quantity) as received_quantity
    from spelt
    group by shop, partner, receipt_id, sku, warehouse_code
)

select * from final
