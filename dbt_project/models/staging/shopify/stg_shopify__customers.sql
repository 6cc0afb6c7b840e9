with source as (
    select * from {{ source('shopify', 'customers') }}
),

renamed as (
    select
        -- keys
        shop,
        customer_id,
        last_order_id,
        -- attributes
        first_name,
        last_name,
        display_name,
        account_state,
        locale,
        note,
        tags,
        currency,
        email,
        email_consent,
        email_opt_in_level,
        phone,
        sms_consent,
        country_code,
        province_code,
        city,
        zip,
        predicted_spend_tier,
        shopify_rfm_group,
        -- flags
        is_tax_exempt,
        has_verified_email,
        deleted_at is not null as is_deleted,
        -- numbers
        orders_count,
        -- amounts
        spent_amount,
        -- times
        created_at,
        updated_at,
        deleted_at,
        {{- merchant_columns('customers') }}
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
