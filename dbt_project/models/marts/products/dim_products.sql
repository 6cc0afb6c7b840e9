with variants as (
    select * from {{ ref('stg_shopify__variants') }}
),

products as (
    select * from {{ ref('stg_shopify__products') }}
),

inventory_items as (
    select * from {{ ref('stg_shopify__inventory_items') }}
),

final as (
    select
        variants.shop,
        variants.variant_id,
        variants.product_id,
        variants.inventory_item_id,
        variants.sku,
        variants.barcode,
        products.title as product_title,
        variants.title as variant_title,
        products.handle,
        products.vendor,
        products.product_type,
        products.status,
        products.tags,
        products.is_gift_card,
        coalesce(products.is_kit, false) or coalesce(variants.requires_components, false) as is_kit,
        products.is_deleted,
        inventory_items.is_tracked,
        inventory_items.origin_country_code,
        inventory_items.harmonized_system_code,
        variants.price_amount,
        variants.compare_at_price_amount,
        inventory_items.unit_cost_amount,
        inventory_items.unit_cost_currency,
        {{- merchant_columns('products', 'products') }}
        {{- merchant_columns('variants', 'variants') }}
        products.published_at,
        variants.created_at,
        variants.updated_at
    from variants
    inner join products on variants.shop = products.shop and variants.product_id = products.product_id
    left join inventory_items
        on variants.shop = inventory_items.shop and variants.inventory_item_id = inventory_items.inventory_item_id
)

select * from final
