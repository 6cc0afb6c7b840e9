with source as (
    select * from {{ source('shopify', 'segments') }}
),

renamed as (
    select
        -- keys
        shop,
        segment_id,
        -- attributes
        name,
        query,
        -- times
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
