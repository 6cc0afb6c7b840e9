with source as (
    select * from {{ source('shopify', 'company_locations') }}
),

renamed as (
    select
        -- keys
        shop,
        company_location_id,
        company_id,
        external_id,
        -- attributes
        name,
        currency,
        country_code,
        zip,
        city,
        -- times
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
