with source as (
    select * from {{ source('threepl', 'warehouses') }}
),

renamed as (
    select
        -- keys
        partner,
        warehouse_code,
        -- attributes
        name,
        zone,
        zone_source,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
