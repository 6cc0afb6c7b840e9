with source as (
    select * from {{ source('erp', 'credit_memo_lines') }}
),

renamed as (
    select
        -- keys
        erp,
        line_id,
        credit_memo_id,
        item_id,
        -- attributes
        line_type,
        sku,
        -- numbers
        quantity,
        -- amounts
        net_amount,
        tax_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
