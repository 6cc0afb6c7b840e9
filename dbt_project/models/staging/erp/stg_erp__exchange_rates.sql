with source as (
    select * from {{ source('erp', 'exchange_rates') }}
),

renamed as (
    select
        -- keys
        erp,
        from_currency,
        to_currency,
        rate_date,
        -- numbers
        rate,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
