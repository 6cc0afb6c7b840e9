with source as (
    select * from {{ source('erp', 'items') }}
),

renamed as (
    select
        -- keys
        erp,
        item_id,
        -- attributes
        sku,
        name,
        item_type,
        barcode,
        cost_currency,
        -- flags
        is_active,
        -- amounts
        {{ factor('cost_amount') }} as cost_amount,
        -- times
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
