with source as (
    select * from {{ source('shopify', 'events') }}
),

renamed as (
    select
        -- keys
        shop,
        event_id,
        -- attributes
        event_type,
        action,
        subject_type,
        subject_gid,
        app_title,
        message,
        -- times
        created_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
