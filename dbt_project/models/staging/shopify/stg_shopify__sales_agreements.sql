with source as (
    select * from {{ source('shopify', 'sales_agreements') }}
),

renamed as (
    select
        -- keys
        shop,
        agreement_id,
        order_id,
        refund_id,
        return_id,
        -- attributes
        agreement_type,
        reason,
        -- times
        happened_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
