with source as (
    select * from {{ source('erp', 'deleted_records') }}
),

renamed as (
    select
        -- keys
        erp,
        record_type,
        record_id,
        -- times
        deleted_at,
        -- extraction
        _window_id as window_id,
        _extracted_at as extracted_at
    from source
)

select * from renamed
