with source as (
    select * from {{ source('shopify', 'order_transactions') }}
),

renamed as (
    select
        -- keys
        shop,
        transaction_id,
        order_id,
        parent_transaction_id,
        -- attributes
        kind,
        status,
        gateway,
        error_code,
        presentment_currency,
        -- flags
        is_test,
        -- numbers
        amount,
        -- amounts
        presentment_amount,
        -- times
        created_at,
        processed_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
