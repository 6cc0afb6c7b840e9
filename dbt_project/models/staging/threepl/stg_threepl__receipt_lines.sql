with source as (
    select * from {{ source('threepl', 'receipt_lines') }}
),

renamed as (
    select
        -- keys
        partner,
        receipt_id,
        sku,
        -- numbers
        expected_quantity,
        received_quantity,
        stowed_quantity,
        damaged_quantity,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
