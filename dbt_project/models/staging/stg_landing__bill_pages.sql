-- One row per landed bill page that covers any period, standing or history: the first day of it.
with landed as (
    select * from {{ source('landing', 'bill_buckets') }}
),

final as (
    select
        source,
        batch,
        object_no,
        min(cast({{ utc('bucket_start') }} as date)) as first_day
    from landed
    group by source, batch, object_no
)

select * from final
