-- Quarantined records of current objects. What landed before a record's days were told has the day that its
-- object's name says.
with landed as (
    select * from {{ source('landing', 'quarantine') }}
),

objects as (
    select source, kind, batch, object_no from {{ ref('stg_landing__objects') }}
),

named as (
    select
        landed.*,
        objects.kind,
        case
            when landed.records is null
                then try_cast(nullif(regexp_extract(landed.object, '[0-9]{4}-[0-9]{2}-[0-9]{2}'), '') as date)
        end as named_day
    from landed
    inner join objects
        on
            landed.source = objects.source
            and landed.batch = objects.batch
            and landed.object_no = objects.object_no
),

final as (
    select
        source,
        kind,
        batch,
        object_no,
        record_no,
        object,
        "offset",
        length,
        hash,
        field,
        reason,
        value,
        option,
        coalesce(extent, 'record') as extent,
        coalesce(records, 1) as records,
        coalesce(first_day, named_day) as first_day,
        coalesce(last_day, named_day) as last_day
    from named
)

select * from final
