with source as (
    select * from {{ source('shopify', 'products') }}
),

renamed as (
    select
        -- keys
        shop,
        product_id,
        -- attributes
        title,
        handle,
        status,
        vendor,
        product_type,
        tags,
        -- flags
        is_gift_card,
        is_kit,
        deleted_at is not null as is_deleted,
        -- times
        created_at,
        updated_at,
        published_at,
        deleted_at,
        {{- merchant_columns('products') }}
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
