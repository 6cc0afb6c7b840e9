with source as (
    select * from {{ source('scores', 'purchase_cells') }}
),

renamed as (
    select
        -- keys
        shop,
        frequency,
        recency_days,
        age_days,
        -- numbers
        customers,
        p_alive,
        purchase_probability_90d,
        expected_orders_90d,
        expected_orders_365d,
        -- times
        as_of_date
    from source
)

select * from renamed
