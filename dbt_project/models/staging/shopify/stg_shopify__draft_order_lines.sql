with source as (
    select * from {{ source('shopify', 'draft_order_lines') }}
),

renamed as (
    select
        -- keys
        shop,
        draft_order_line_id,
        draft_order_id,
        variant_id,
        -- attributes
        sku,
        title,
        -- numbers
        quantity,
        -- amounts
        unit_price_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
