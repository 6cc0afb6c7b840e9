with source as (
    select * from {{ source('erp', 'sales_order_lines') }}
),

renamed as (
    select
        -- keys
        erp,
        line_id,
        sales_order_id,
        item_id,
        location_id,
        -- attributes
        line_type,
        sku,
        shopify_line_reference,
        -- flags
        is_closed,
        -- numbers
        line_number,
        quantity,
        -- amounts
        unit_price_amount,
        net_amount,
        tax_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
