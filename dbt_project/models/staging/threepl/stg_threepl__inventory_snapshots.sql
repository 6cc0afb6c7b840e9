with source as (
    select * from {{ source('threepl', 'inventory_snapshots') }}
),

renamed as (
    select
        -- keys
        partner,
        snapshot_id,
        warehouse_code,
        sku,
        file_id,
        -- attributes
        as_of_text,
        zone,
        zone_source,
        -- numbers
        on_hand_quantity,
        available_quantity,
        committed_quantity,
        damaged_quantity,
        inspection_quantity,
        -- times
        as_of,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
