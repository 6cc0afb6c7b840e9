with source as (
    select * from {{ source('shopify', 'price_lists') }}
),

renamed as (
    select
        -- keys
        shop,
        price_list_id,
        catalog_id,
        -- attributes
        name,
        currency,
        adjustment_type,
        -- numbers
        fixed_prices_count,
        adjustment_percent,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
