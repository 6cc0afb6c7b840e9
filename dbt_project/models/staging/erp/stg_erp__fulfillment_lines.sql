with source as (
    select * from {{ source('erp', 'fulfillment_lines') }}
),

renamed as (
    select
        -- keys
        erp,
        line_id,
        fulfillment_id,
        sales_order_line_id,
        item_id,
        -- attributes
        sku,
        -- numbers
        quantity,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
