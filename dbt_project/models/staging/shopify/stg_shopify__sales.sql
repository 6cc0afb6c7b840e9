with source as (
    select * from {{ source('shopify', 'sales') }}
),

renamed as (
    select
        -- keys
        shop,
        sale_id,
        agreement_id,
        order_line_id,
        shipping_line_id,
        -- attributes
        action_type,
        line_type,
        shipping_title,
        shipping_code,
        shipping_source,
        -- numbers
        quantity,
        -- amounts
        total_amount,
        discount_before_taxes_amount,
        discount_after_taxes_amount,
        tax_amount,
        shipping_original_amount,
        shipping_discounted_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
