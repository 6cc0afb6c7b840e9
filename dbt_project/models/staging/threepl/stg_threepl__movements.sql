with source as (
    select * from {{ source('threepl', 'movements') }}
),

renamed as (
    select
        -- keys
        partner,
        movement_id,
        file_id,
        -- attributes
        warehouse_code,
        sku,
        kind,
        reason,
        reference,
        occurred_at_text,
        zone,
        zone_source,
        -- numbers
        quantity,
        -- times
        occurred_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
