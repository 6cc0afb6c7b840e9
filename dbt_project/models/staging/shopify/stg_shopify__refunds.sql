with source as (
    select * from {{ source('shopify', 'refunds') }}
),

renamed as (
    select
        -- keys
        shop,
        refund_id,
        order_id,
        return_id,
        -- attributes
        note,
        -- amounts
        refunded_amount,
        -- times
        order_created_at,
        created_at,
        processed_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
