with source as (
    select * from {{ source('shopify', 'orders') }}
),

renamed as (
    select
        -- keys
        shop,
        order_id,
        customer_id,
        retail_location_id,
        company_id,
        company_location_id,
        -- attributes
        name,
        po_number,
        note,
        email,
        cancel_reason,
        source_name,
        currency,
        presentment_currency,
        financial_status,
        fulfillment_status,
        return_status,
        tags,
        discount_codes,
        shipping_country_code,
        shipping_province_code,
        shipping_city,
        shipping_zip,
        billing_country_code,
        billing_province_code,
        -- flags
        is_test,
        is_edited,
        is_confirmed,
        taxes_included,
        deleted_at is not null as is_deleted,
        -- numbers
        order_number,
        -- amounts
        original_total_amount,
        total_amount,
        presentment_total_amount,
        subtotal_amount,
        discounts_amount,
        tax_amount,
        shipping_amount,
        tip_amount,
        current_total_amount,
        current_subtotal_amount,
        current_tax_amount,
        refunded_amount,
        received_amount,
        net_payment_amount,
        outstanding_amount,
        -- times
        created_at,
        processed_at,
        updated_at,
        cancelled_at,
        closed_at,
        deleted_at,
        {{- merchant_columns('orders') }}
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
