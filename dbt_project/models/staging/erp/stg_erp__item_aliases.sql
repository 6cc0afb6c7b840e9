with source as (
    select * from {{ source('erp', 'item_aliases') }}
),

renamed as (
    select
        -- keys
        erp,
        alias_id,
        item_id,
        -- attributes
        system,
        external_sku,
        -- numbers
        {{ factor('unit_factor') }} as unit_factor,
        -- times
        valid_from,
        valid_to,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
