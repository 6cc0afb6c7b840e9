with source as (
    select * from {{ source('ops', 'feed_problems') }}
),

renamed as (
    select
        -- keys
        problem_id,
        connection,
        window_id,
        run_id,
        -- attributes
        source,
        feed,
        code,
        file,
        message,
        -- times
        detected_at,
        cleared_at
    from source
)

select * from renamed
