with source as (
    select * from {{ source('erp', 'prices') }}
),

renamed as (
    select
        -- keys
        erp,
        price_id,
        price_list_id,
        item_id,
        -- attributes
        currency,
        -- numbers
        minimum_quantity,
        -- amounts
        unit_price_amount,
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
