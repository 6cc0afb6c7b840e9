with source as (
    select * from {{ source('shopify', 'gift_cards') }}
),

renamed as (
    select
        -- keys
        shop,
        gift_card_id,
        customer_id,
        order_id,
        -- attributes
        currency,
        -- flags
        is_enabled,
        -- amounts
        initial_amount,
        balance_amount,
        -- times
        created_at,
        updated_at,
        expires_on,
        deactivated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
