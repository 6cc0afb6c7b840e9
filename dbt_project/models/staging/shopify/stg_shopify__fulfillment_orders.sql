with source as (
    select * from {{ source('shopify', 'fulfillment_orders') }}
),

renamed as (
    select
        -- keys
        shop,
        fulfillment_order_id,
        order_id,
        location_id,
        -- attributes
        status,
        request_status,
        location_name,
        -- times
        created_at,
        updated_at,
        fulfill_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
