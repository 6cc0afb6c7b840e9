with source as (
    select * from {{ source('shopify', 'locations') }}
),

renamed as (
    select
        -- keys
        shop,
        location_id,
        -- attributes
        name,
        country_code,
        province_code,
        city,
        zip,
        -- flags
        is_active,
        fulfills_online_orders,
        ships_inventory,
        -- times
        created_at,
        updated_at,
        cast(deactivated_at as {{ type_instant() }}) as deactivated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
