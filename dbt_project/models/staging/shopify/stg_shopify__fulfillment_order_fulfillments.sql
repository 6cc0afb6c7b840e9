with source as (
    select * from {{ source('shopify', 'fulfillment_order_fulfillments') }}
),

renamed as (
    select
        -- keys
        shop,
        fulfillment_id,
        fulfillment_order_id,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
