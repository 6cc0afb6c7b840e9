with source as (
    select * from {{ source('shopify', 'catalogs') }}
),

renamed as (
    select
        -- keys
        shop,
        catalog_id,
        price_list_id,
        -- attributes
        catalog_type,
        title,
        status,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
