with source as (
    select * from {{ source('erp', 'item_components') }}
),

renamed as (
    select
        -- keys
        erp,
        kit_item_id,
        component_item_id,
        valid_from,
        -- numbers
        {{ factor('quantity') }} as quantity,
        -- times
        valid_to,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
