with source as (
    select * from {{ source('ops', 'extraction_windows') }}
),

renamed as (
    select
        -- keys
        window_id,
        shop as connection,
        operation_id,
        run_id,
        -- attributes
        entity,
        mode,
        state,
        path,
        reason,
        -- numbers
        expected_rows,
        expected_roots,
        arrived_rows,
        rejected_rows,
        loaded_rows,
        parent_rows,
        duplicate_rows,
        -- times
        window_from,
        window_to,
        extracted_at,
        started_at,
        finished_at
    from source
)

select * from renamed
