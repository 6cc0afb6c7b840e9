with source as (
    select * from {{ source('shopify', 'order_lines') }}
),

renamed as (
    select
        -- keys
        shop,
        order_line_id,
        order_id,
        product_id,
        variant_id,
        line_item_group_id,
        -- attributes
        sku,
        title,
        variant_title,
        vendor,
        -- flags
        is_gift_card,
        is_taxable,
        requires_shipping,
        -- numbers
        quantity,
        current_quantity,
        -- amounts
        unit_price_amount,
        original_total_amount,
        discounted_total_amount,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
