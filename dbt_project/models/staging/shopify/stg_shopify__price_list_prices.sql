with source as (
    select * from {{ source('shopify', 'price_list_prices') }}
),

renamed as (
    select
        -- keys
        shop,
        price_list_id,
        variant_id,
        -- attributes
        currency,
        origin_type,
        -- amounts
        price_amount,
        compare_at_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
