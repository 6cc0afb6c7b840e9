with source as (
    select * from {{ source('shopify', 'managed_metafields') }}
),

renamed as (
    select
        -- keys
        shop,
        metafield_id,
        customer_id,
        -- attributes
        namespace,
        key,
        type,
        value,
        compare_digest,
        -- times
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
