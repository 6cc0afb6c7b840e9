with source as (
    select * from {{ source('shopify', 'disputes') }}
),

renamed as (
    select
        -- keys
        shop,
        dispute_id,
        order_id,
        -- attributes
        type,
        status,
        reason,
        currency,
        -- amounts
        amount,
        -- times
        initiated_at,
        evidence_due_by,
        evidence_sent_on,
        finalized_on,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
