-- The newest landed version of every object: a changed object supersedes its earlier version, a
-- vanished one stays.
with landed as (
    select * from {{ source('landing', 'objects') }}
),

final as (
    select
        source,
        kind,
        batch,
        object_no,
        object,
        version,
        hash,
        records,
        landed,
        quarantined,
        "foreign" as foreign_records
    from landed
    where is_current
)

select * from final
