with source as (
    select * from {{ source('shopify', 'variants') }}
),

renamed as (
    select
        -- keys
        shop,
        variant_id,
        product_id,
        inventory_item_id,
        -- attributes
        sku,
        title,
        barcode,
        -- flags
        is_taxable,
        requires_components,
        -- numbers
        position,
        inventory_quantity,
        -- amounts
        price_amount,
        compare_at_price_amount,
        -- times
        created_at,
        updated_at,
        {{- merchant_columns('variants') }}
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
