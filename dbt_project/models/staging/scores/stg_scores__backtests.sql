with source as (
    select * from {{ source('scores', 'backtests') }}
),

renamed as (
    select
        -- keys
        shop,
        -- attributes
        status,
        reason,
        -- numbers
        holdout_days,
        customers,
        buyers,
        expected_buyers,
        actual_orders,
        expected_orders,
        brier_score,
        brier_score_constant,
        rank_correlation,
        rank_correlation_recency,
        rank_correlation_frequency,
        -- times
        as_of_date,
        cut_date,
        fitted_at
    from source
)

select * from renamed
