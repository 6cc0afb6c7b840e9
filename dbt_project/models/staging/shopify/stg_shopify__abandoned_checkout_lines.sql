with source as (
    select * from {{ source('shopify', 'abandoned_checkout_lines') }}
),

renamed as (
    select
        -- keys
        shop,
        abandoned_checkout_line_id,
        abandoned_checkout_id,
        variant_id,
        -- attributes
        sku,
        title,
        -- numbers
        quantity,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
