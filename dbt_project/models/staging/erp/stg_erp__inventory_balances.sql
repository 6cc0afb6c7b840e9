with source as (
    select * from {{ source('erp', 'inventory_balances') }}
),

renamed as (
    select
        -- keys
        erp,
        item_id,
        location_id,
        -- attributes
        sku,
        -- numbers
        on_hand_quantity,
        available_quantity,
        committed_quantity,
        in_transit_quantity,
        -- amounts
        {{ factor('average_cost_amount') }} as average_cost_amount,
        value_amount,
        -- times
        as_of,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
