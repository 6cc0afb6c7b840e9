with source as (
    select * from {{ source('threepl', 'shipments') }}
),

renamed as (
    select
        -- keys
        partner,
        shipment_id,
        order_id,
        file_id,
        -- attributes
        order_reference,
        warehouse_code,
        status,
        shipped_at_text,
        zone,
        zone_source,
        carrier,
        tracking_number,
        -- times
        created_at,
        labeled_at,
        shipped_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
