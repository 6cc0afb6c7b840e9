with source as (
    select * from {{ source('shopify', 'inventory_items') }}
),

renamed as (
    select
        -- keys
        shop,
        inventory_item_id,
        -- attributes
        sku,
        origin_country_code,
        harmonized_system_code,
        unit_cost_currency,
        -- flags
        is_tracked,
        requires_shipping,
        -- amounts
        unit_cost_amount,
        -- times
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
