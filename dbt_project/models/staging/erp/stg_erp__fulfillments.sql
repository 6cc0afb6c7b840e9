with source as (
    select * from {{ source('erp', 'fulfillments') }}
),

renamed as (
    select
        -- keys
        erp,
        fulfillment_id,
        sales_order_id,
        location_id,
        -- attributes
        number,
        status,
        tracking_numbers,
        -- times
        sales_order_date,
        shipped_date,
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
