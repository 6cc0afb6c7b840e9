with source as (
    select * from {{ source('shopify', 'discount_codes') }}
),

renamed as (
    select
        -- keys
        shop,
        discount_code_id,
        discount_id,
        -- attributes
        code,
        -- numbers
        usage_count,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
