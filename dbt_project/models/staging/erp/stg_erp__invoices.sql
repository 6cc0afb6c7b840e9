with source as (
    select * from {{ source('erp', 'invoices') }}
),

renamed as (
    select
        -- keys
        erp,
        invoice_id,
        sales_order_id,
        -- attributes
        number,
        status,
        currency,
        -- numbers
        exchange_rate,
        -- amounts
        total_amount,
        tax_amount,
        shipping_amount,
        remaining_amount,
        -- times
        invoice_date,
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
