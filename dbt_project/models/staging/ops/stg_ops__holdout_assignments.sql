with source as (
    select * from {{ source('ops', 'holdout_assignments') }}
),

renamed as (
    select
        -- keys
        sync,
        experiment,
        shop,
        customer_id,
        -- attributes
        stratum,
        assigned_group,
        -- numbers
        control_share,
        -- times
        assigned_at,
        ended_at
    from source
)

select * from renamed
