-- How far each feed has come by the clock of its source, and what is the matter with it. This is the `now` of
-- reconciliation: a feed that stands still makes nothing late.
with loaded as (
    select
        connection,
        entity,
        max(window_to) as as_of
    from {{ ref('stg_ops__extraction_windows') }}
    where state = 'loaded' and mode in ('full', 'incremental')
    group by connection, entity
),

problems as (
    select
        connection,
        feed as entity,
        min(code) as problem_code
    from {{ ref('stg_ops__feed_problems') }}
    where cleared_at is null
    group by connection, feed
),

final as (
    select
        coalesce(loaded.connection, problems.connection) as connection,
        coalesce(loaded.entity, problems.entity) as entity,
        loaded.as_of,
        problems.problem_code
    from loaded
    full outer join problems on loaded.connection = problems.connection and loaded.entity = problems.entity
)

select * from final
