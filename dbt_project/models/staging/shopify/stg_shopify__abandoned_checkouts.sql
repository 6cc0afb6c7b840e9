with source as (
    select * from {{ source('shopify', 'abandoned_checkouts') }}
),

renamed as (
    select
        -- keys
        shop,
        abandoned_checkout_id,
        customer_id,
        -- attributes
        name,
        currency,
        -- amounts
        total_amount,
        -- times
        created_at,
        updated_at,
        completed_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
