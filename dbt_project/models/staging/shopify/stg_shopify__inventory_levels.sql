with source as (
    select * from {{ source('shopify', 'inventory_levels') }}
),

renamed as (
    select
        -- keys
        shop,
        inventory_item_id,
        location_id,
        inventory_level_id,
        -- flags
        is_active,
        -- numbers
        available_quantity,
        on_hand_quantity,
        committed_quantity,
        incoming_quantity,
        reserved_quantity,
        damaged_quantity,
        safety_stock_quantity,
        quality_control_quantity,
        -- times
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
