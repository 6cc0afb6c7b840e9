with source as (
    select * from {{ source('shopify', 'discounts') }}
),

renamed as (
    select
        -- keys
        shop,
        discount_id,
        -- attributes
        discount_type,
        title,
        status,
        -- flags
        once_per_customer,
        -- numbers
        usage_limit,
        usage_count,
        -- times
        starts_at,
        ends_at,
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
