with source as (
    select * from {{ source('erp', 'payments') }}
),

renamed as (
    select
        -- keys
        erp,
        payment_id,
        sales_order_id,
        document_id,
        -- attributes
        number,
        kind,
        gateway_reference,
        status,
        currency,
        -- amounts
        amount,
        -- times
        payment_date,
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
