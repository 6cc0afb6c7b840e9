with source as (
    select * from {{ source('threepl', 'returns') }}
),

renamed as (
    select
        -- keys
        partner,
        return_id,
        shipment_id,
        file_id,
        -- attributes
        rma_number,
        order_reference,
        warehouse_code,
        status,
        received_at_text,
        completed_at_text,
        zone,
        zone_source,
        -- times
        received_at,
        completed_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
