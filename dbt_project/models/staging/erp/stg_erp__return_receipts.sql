with source as (
    select * from {{ source('erp', 'return_receipts') }}
),

renamed as (
    select
        -- keys
        erp,
        return_receipt_line_id,
        sales_order_id,
        item_id,
        location_id,
        -- attributes
        rma_number,
        shopify_return_reference,
        sku,
        -- numbers
        received_quantity,
        restocked_quantity,
        -- times
        received_date,
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
