with source as (
    select * from {{ source('shopify', 'refund_transactions') }}
),

renamed as (
    select
        -- keys
        shop,
        transaction_id,
        refund_id,
        -- attributes
        kind,
        status,
        -- numbers
        amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
