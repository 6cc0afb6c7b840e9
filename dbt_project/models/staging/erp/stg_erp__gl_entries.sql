with source as (
    select * from {{ source('erp', 'gl_entries') }}
),

renamed as (
    select
        -- keys
        erp,
        gl_entry_id,
        document_id,
        location_id,
        -- attributes
        document_type,
        document_number,
        period,
        account_code,
        account_type,
        currency,
        reference,
        -- flags
        is_posted,
        is_manual,
        -- amounts
        debit_amount,
        credit_amount,
        -- times
        posting_date,
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
