with source as (
    select * from {{ source('erp', 'customers') }}
),

renamed as (
    select
        -- keys
        erp,
        customer_id,
        -- attributes
        name,
        email,
        company_name,
        shopify_reference,
        currency,
        -- flags
        is_active,
        -- times
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
