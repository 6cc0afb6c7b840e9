with source as (
    select * from {{ source('erp', 'credit_memos') }}
),

renamed as (
    select
        -- keys
        erp,
        credit_memo_id,
        sales_order_id,
        -- attributes
        number,
        shopify_refund_reference,
        status,
        currency,
        -- numbers
        exchange_rate,
        -- amounts
        total_amount,
        tax_amount,
        -- times
        memo_date,
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
