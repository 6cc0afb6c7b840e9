-- Records of the ERP that others can not find, or find twice: items, places, customers.
with items as (
    select * from {{ ref('stg_erp__items') }}
    where is_active
),

erps as (
    select distinct
        shop,
        erp
    from {{ ref('int_xref__locations') }}
    where erp is not null
),

unknown as (
    select
        erps.erp as shop,
        erps.erp,
        variants.sku,
        min(variants.created_at) as since
    from {{ ref('stg_shopify__variants') }} as variants
    inner join erps on variants.shop = erps.shop
    where
        coalesce(variants.sku, '') != ''
        and not exists (
            select 1
            from {{ ref('stg_erp__items') }} as known
            where known.erp = erps.erp and known.sku = variants.sku
        )
        and not exists (
            select 1
            from {{ ref('int_xref__skus') }} as aliases
            where aliases.erp = erps.erp and aliases.system = 'shopify' and aliases.external_sku = variants.sku
        )
    group by erps.erp, variants.sku
),

shared as (
    select
        erp as shop,
        erp,
        sku,
        barcode,
        updated_at as since,
        row_number() over (partition by erp, barcode order by length(item_id), item_id) as barcode_place,
        row_number() over (partition by erp, sku order by length(item_id), item_id) as sku_place
    from items
    where sku is not null
),

unmapped as (
    select
        erp as shop,
        erp,
        location_id,
        name,
        extracted_at as since
    from {{ ref('stg_erp__locations') }}
    where {{ reference('shopify_reference', 'Location') }} is null
),

-- One customer of the shop twice in the ERP; the second is often a guest's, known by the address alone.
known_customers as (
    select
        erp,
        customer_id,
        updated_at,
        coalesce(reference, case when match_confidence >= 0.9 then {{ text('shop_customer_id') }} end) as reference
    from {{ ref('int_xref__customers') }}
    where is_active
),

twins as (
    select
        erp as shop,
        erp,
        customer_id,
        updated_at as since,
        reference,
        row_number() over (partition by erp, reference order by length(customer_id), customer_id) as place
    from known_customers
    where reference is not null
),

not_in_erp as (
    {{ break_candidate('REF-01', 'item', 'sku', 'since', order_id=none, currency=none, expected='sku') }}
    from unknown
),

used_twice as (
    {{ break_candidate(
        'REF-02', 'item', 'sku', 'since', order_id=none, currency=none, actual='barcode', evidence={'barcode': 'barcode'}
    ) }}
    from shared
    where (barcode is not null and barcode_place > 1) or sku_place > 1
),

not_mapped as (
    {{ break_candidate(
        'REF-05', 'location', 'location_id', 'since', order_id=none, currency=none, actual='name'
    ) }}
    from unmapped
),

customer_twice as (
    {{ break_candidate(
        'REF-06', 'customer', 'customer_id', 'since', order_id=none, currency=none, actual='reference'
    ) }}
    from twins
    where place > 1
)

{% for found in ['not_in_erp', 'used_twice', 'not_mapped', 'customer_twice'] %}
select * from {{ found }}
{{ 'union all' if not loop.last }}
{% endfor %}
