with source as (
    select * from {{ source('erp', 'locations') }}
),

renamed as (
    select
        -- keys
        erp,
        location_id,
        -- attributes
        name,
        shopify_reference,
        partner,
        warehouse_code,
        time_zone,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
