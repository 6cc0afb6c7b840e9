with source as (
    select * from {{ source('shopify', 'balance_transactions') }}
),

renamed as (
    select
        -- keys
        shop,
        balance_transaction_id,
        payout_id,
        source_id,
        source_order_transaction_id,
        order_id,
        -- attributes
        payout_status,
        type,
        source_type,
        adjustment_reason,
        currency,
        -- flags
        is_test,
        -- amounts
        amount,
        fee_amount,
        net_amount,
        -- times
        transacted_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
