with source as (
    select * from {{ source('shopify', 'tender_transactions') }}
),

renamed as (
    select
        -- keys
        shop,
        tender_transaction_id,
        order_id,
        -- attributes
        transaction_reference,
        payment_method,
        currency,
        -- flags
        is_test,
        -- amounts
        amount,
        -- times
        processed_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
