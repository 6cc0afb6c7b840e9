with source as (
    select * from {{ source('shopify', 'shipping_line_discounts') }}
),

renamed as (
    select
        -- keys
        shop,
        sale_id,
        position,
        agreement_id,
        shipping_line_id,
        -- attributes
        application_type,
        code,
        title,
        -- numbers
        application_index,
        -- amounts
        allocated_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
