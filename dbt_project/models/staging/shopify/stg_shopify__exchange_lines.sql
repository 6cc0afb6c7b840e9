with source as (
    select * from {{ source('shopify', 'exchange_lines') }}
),

renamed as (
    select
        -- keys
        shop,
        exchange_line_id,
        return_id,
        order_line_id,
        -- numbers
        quantity,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
