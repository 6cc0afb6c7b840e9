with source as (
    select * from {{ source('shopify', 'companies') }}
),

renamed as (
    select
        -- keys
        shop,
        company_id,
        external_id,
        main_contact_customer_id,
        -- attributes
        name,
        -- times
        created_at,
        updated_at,
        customer_since,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
