with source as (
    select * from {{ source('shopify', 'refund_lines') }}
),

renamed as (
    select
        -- keys
        shop,
        refund_id,
        position,
        refund_line_id,
        order_id,
        order_line_id,
        location_id,
        -- attributes
        restock_type,
        -- flags
        is_restocked,
        -- numbers
        quantity,
        -- amounts
        price_amount,
        subtotal_amount,
        tax_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
