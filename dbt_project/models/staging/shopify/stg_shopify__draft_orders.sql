with source as (
    select * from {{ source('shopify', 'draft_orders') }}
),

renamed as (
    select
        -- keys
        shop,
        draft_order_id,
        customer_id,
        order_id,
        -- attributes
        name,
        status,
        currency,
        -- flags
        taxes_included,
        -- amounts
        total_amount,
        subtotal_amount,
        tax_amount,
        -- times
        created_at,
        updated_at,
        completed_at,
        invoice_sent_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
