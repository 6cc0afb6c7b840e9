with source as (
    select * from {{ source('erp', 'inventory_adjustments') }}
),

renamed as (
    select
        -- keys
        erp,
        adjustment_line_id,
        item_id,
        location_id,
        -- attributes
        number,
        sku,
        reason,
        -- numbers
        quantity,
        -- times
        adjusted_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
