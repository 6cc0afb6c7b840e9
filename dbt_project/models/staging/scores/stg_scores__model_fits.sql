with source as (
    select * from {{ source('scores', 'model_fits') }}
),

renamed as (
    select
        -- keys
        shop,
        model as model_name,
        -- attributes
        status,
        reason,
        currency,
        -- parameters: r, alpha, a, b of BG/NBD; p, q, v of Gamma-Gamma
        r,
        alpha,
        a,
        b,
        p,
        q,
        v,
        -- numbers
        customers,
        repeat_customers,
        cells,
        history_days,
        log_likelihood,
        -- times
        as_of_date,
        fitted_at
    from source
)

select * from renamed
