with source as (
    select * from {{ source('erp', 'transfers') }}
),

renamed as (
    select
        -- keys
        erp,
        transfer_line_id,
        item_id,
        from_location_id,
        to_location_id,
        -- attributes
        number,
        sku,
        status,
        -- numbers
        quantity,
        received_quantity,
        -- times
        shipped_at,
        received_at,
        due_date,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
