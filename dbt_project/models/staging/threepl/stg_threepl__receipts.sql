with source as (
    select * from {{ source('threepl', 'receipts') }}
),

renamed as (
    select
        -- keys
        partner,
        receipt_id,
        file_id,
        -- attributes
        purchase_order_number,
        warehouse_code,
        status,
        received_at_text,
        closed_at_text,
        zone,
        zone_source,
        -- times
        expected_at,
        received_at,
        closed_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
