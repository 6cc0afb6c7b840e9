with source as (
    select * from {{ source('threepl', 'return_lines') }}
),

renamed as (
    select
        -- keys
        partner,
        return_id,
        line_number,
        -- attributes
        sku,
        disposition,
        reason,
        -- numbers
        expected_quantity,
        received_quantity,
        processed_quantity,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
