with source as (
    select * from {{ source('shopify', 'order_line_taxes') }}
),

renamed as (
    select
        -- keys
        shop,
        order_line_id,
        position,
        order_id,
        -- attributes
        title,
        -- numbers
        rate,
        -- amounts
        tax_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
