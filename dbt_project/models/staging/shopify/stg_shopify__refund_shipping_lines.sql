with source as (
    select * from {{ source('shopify', 'refund_shipping_lines') }}
),

renamed as (
    select
        -- keys
        shop,
        refund_shipping_line_id,
        refund_id,
        shipping_line_id,
        -- amounts
        subtotal_amount,
        tax_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
