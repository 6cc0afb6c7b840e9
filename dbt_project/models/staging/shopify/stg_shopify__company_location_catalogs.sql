with source as (
    select * from {{ source('shopify', 'company_location_catalogs') }}
),

renamed as (
    select
        -- keys
        shop,
        catalog_id,
        company_location_id,
        -- attributes
        title,
        status,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
