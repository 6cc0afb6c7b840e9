with source as (
    select * from {{ source('shopify', 'payouts') }}
),

renamed as (
    select
        -- keys
        shop,
        payout_id,
        -- attributes
        status,
        transaction_type,
        currency,
        external_trace_id,
        -- amounts
        net_amount,
        charges_gross_amount,
        charges_fee_amount,
        refunds_gross_amount,
        refunds_fee_amount,
        adjustments_gross_amount,
        adjustments_fee_amount,
        reserved_funds_gross_amount,
        reserved_funds_fee_amount,
        retried_payouts_gross_amount,
        retried_payouts_fee_amount,
        advance_gross_amount,
        advance_fee_amount,
        -- times
        issued_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
