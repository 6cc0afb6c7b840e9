with source as (
    select * from {{ source('shopify', 'returns') }}
),

renamed as (
    select
        -- keys
        shop,
        return_id,
        order_id,
        -- attributes
        name,
        status,
        -- numbers
        total_quantity,
        -- times
        created_at,
        closed_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
