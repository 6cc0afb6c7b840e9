with source as (
    select * from {{ source('shopify', 'shops') }}
),

renamed as (
    select
        -- keys
        shop,
        shop_id,
        -- attributes
        name,
        myshopify_domain,
        iana_timezone,
        currency,
        plan_name,
        country_code,
        -- flags
        taxes_included,
        -- times
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
