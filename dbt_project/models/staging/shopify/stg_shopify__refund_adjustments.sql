with source as (
    select * from {{ source('shopify', 'refund_adjustments') }}
),

renamed as (
    select
        -- keys
        shop,
        adjustment_id,
        refund_id,
        -- attributes
        reason,
        -- numbers
        amount,
        -- amounts
        tax_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
