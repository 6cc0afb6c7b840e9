with source as (
    select * from {{ source('erp', 'price_lists') }}
),

renamed as (
    select
        -- keys
        erp,
        price_list_id,
        customer_id,
        -- attributes
        name,
        currency,
        -- times
        valid_from,
        valid_to,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
