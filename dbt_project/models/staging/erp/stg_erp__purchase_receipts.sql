with source as (
    select * from {{ source('erp', 'purchase_receipts') }}
),

renamed as (
    select
        -- keys
        erp,
        receipt_line_id,
        item_id,
        location_id,
        -- attributes
        purchase_order_number,
        receipt_number,
        sku,
        status,
        -- numbers
        expected_quantity,
        received_quantity,
        -- times
        received_date,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
