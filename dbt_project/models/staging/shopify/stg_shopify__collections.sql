with source as (
    select * from {{ source('shopify', 'collections') }}
),

renamed as (
    select
        -- keys
        shop,
        collection_id,
        -- attributes
        title,
        handle,
        sort_order,
        -- numbers
        products_count,
        -- times
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
