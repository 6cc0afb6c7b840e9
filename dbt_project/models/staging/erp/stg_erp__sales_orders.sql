with source as (
    select * from {{ source('erp', 'sales_orders') }}
),

renamed as (
    select
        -- keys
        erp,
        sales_order_id,
        customer_id,
        -- attributes
        number,
        shopify_reference,
        status,
        currency,
        -- numbers
        exchange_rate,
        -- amounts
        total_amount,
        tax_amount,
        shipping_amount,
        discount_amount,
        -- times
        order_date,
        created_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
