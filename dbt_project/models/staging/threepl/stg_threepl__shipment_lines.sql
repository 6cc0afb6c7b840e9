with source as (
    select * from {{ source('threepl', 'shipment_lines') }}
),

renamed as (
    select
        -- keys
        partner,
        shipment_id,
        line_number,
        -- attributes
        line_reference,
        sku,
        lot,
        -- numbers
        ordered_quantity,
        quantity,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
