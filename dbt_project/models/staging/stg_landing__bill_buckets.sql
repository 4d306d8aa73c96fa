-- The standing version of every bucket (period of a report): the newest complete pull, of it the
-- finest grouping. Older pulls are history, a control bill never stands as charges, and where a
-- report was also saved by the hour its days stand.
with landed as (
    select * from {{ source('landing', 'bill_buckets') }}
),

objects as (
    select source, batch, object_no, object from {{ ref('stg_landing__objects') }}
),

bills as (
    select source from {{ ref('stg_landing__sources') }}
    where kind = 'bill' and role = 'bill'
),

ranked as (
    select
        landed.source,
        landed.batch,
        landed.object_no,
        landed.provider,
        landed.billing_account,
        landed.report,
        landed.grouping,
        {{ utc('landed.bucket_start') }} as bucket_start,
        {{ utc('landed.bucket_end') }} as bucket_end,
        landed.row_count,
        row_number() over (
            partition by landed.source, landed.report, landed.bucket_start, landed.bucket_end
            order by
                landed.pulled_at desc nulls last,
                length(landed.grouping) - length(replace(landed.grouping, ',', '')) desc,
                length(landed.grouping) desc,
                landed.batch desc,
                objects.object
        ) as standing_rank,
        max(landed.bucket_end - landed.bucket_start) over (
            partition by
                landed.source, landed.report, cast({{ utc('landed.bucket_start') }} as date)
        ) as widest
    from landed
    inner join objects
        on
            landed.source = objects.source
            and landed.batch = objects.batch
            and landed.object_no = objects.object_no
    inner join bills on landed.source = bills.source
),

final as (
    select * exclude (standing_rank, widest) from ranked
    where standing_rank = 1 and bucket_end - bucket_start = widest
)

select * from final
