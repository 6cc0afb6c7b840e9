with source as (
    select * from {{ source('shopify', 'return_lines') }}
),

renamed as (
    select
        -- keys
        shop,
        return_line_id,
        return_id,
        fulfillment_line_id,
        order_line_id,
        -- attributes
        line_type,
        reason_note,
        -- numbers
        quantity,
        refunded_quantity,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
