with source as (
    select * from {{ source('threepl', 'orders') }}
),

renamed as (
    select
        -- keys
        partner,
        order_id,
        -- attributes
        order_reference,
        order_number,
        warehouse_code,
        status,
        -- times
        received_at,
        updated_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
