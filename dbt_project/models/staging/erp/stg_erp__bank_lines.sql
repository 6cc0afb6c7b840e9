with source as (
    select * from {{ source('erp', 'bank_lines') }}
),

renamed as (
    select
        -- keys
        erp,
        bank_line_id,
        -- attributes
        account_code,
        currency,
        reference,
        description,
        -- amounts
        amount,
        -- times
        value_date,
        created_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
