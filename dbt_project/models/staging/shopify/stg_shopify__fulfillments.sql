with source as (
    select * from {{ source('shopify', 'fulfillments') }}
),

renamed as (
    select
        -- keys
        shop,
        fulfillment_id,
        order_id,
        location_id,
        -- attributes
        name,
        status,
        display_status,
        tracking_company,
        tracking_number,
        tracking_url,
        -- numbers
        total_quantity,
        -- times
        order_created_at,
        created_at,
        updated_at,
        delivered_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
