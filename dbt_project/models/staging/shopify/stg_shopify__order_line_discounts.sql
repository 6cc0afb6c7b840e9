with source as (
    select * from {{ source('shopify', 'order_line_discounts') }}
),

renamed as (
    select
        -- keys
        shop,
        order_line_id,
        position,
        order_id,
        -- attributes
        application_type,
        allocation_method,
        target_selection,
        target_type,
        code,
        title,
        -- numbers
        application_index,
        value_percentage,
        -- amounts
        allocated_amount,
        value_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
