with source as (
    select * from {{ source('erp', 'invoice_lines') }}
),

renamed as (
    select
        -- keys
        erp,
        line_id,
        invoice_id,
        item_id,
        -- attributes
        line_type,
        sku,
        account_code,
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
