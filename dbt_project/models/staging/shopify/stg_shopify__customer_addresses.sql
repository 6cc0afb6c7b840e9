with source as (
    select * from {{ source('shopify', 'customer_addresses') }}
),

renamed as (
    select
        -- keys
        shop,
        address_id,
        customer_id,
        -- attributes
        address1,
        address2,
        city,
        province_code,
        country_code,
        zip,
        company,
        phone,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
