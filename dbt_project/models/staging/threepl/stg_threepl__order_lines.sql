with source as (
    select * from {{ source('threepl', 'order_lines') }}
),

renamed as (
    select
        -- keys
        partner,
        order_id,
        line_number,
        -- attributes
        line_reference,
        sku,
        -- numbers
        quantity,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
