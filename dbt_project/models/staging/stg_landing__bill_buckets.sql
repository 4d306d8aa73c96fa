-- The standing version of every bucket (period of a report): the newest complete pull, of it the
-- finest grouping. Older pulls are history, a control bill never stands as charges, and where one
-- pull was saved by the day and by the hour its days stand.
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
        landed.pulled_at,
        landed.bucket_end - landed.bucket_start as width,
        row_number() over (
            partition by landed.source, landed.report, landed.bucket_start, landed.bucket_end
            order by
                landed.pulled_at desc nulls last,
                length(landed.grouping) - length(replace(landed.grouping, ',', '')) desc,
                length(landed.grouping) desc,
                landed.batch desc,
                objects.object
        ) as standing_rank
    from landed
    inner join objects
        on
            landed.source = objects.source
            and landed.batch = objects.batch
            and landed.object_no = objects.object_no
    inner join bills on landed.source = bills.source
),

standing as (
    select
        *,
        first_value(width) over (
            partition by source, report, cast(bucket_start as date)
            order by pulled_at desc nulls last, width desc
        ) as standing_width
    from ranked
    where standing_rank = 1
),

final as (
    select * exclude (pulled_at, width, standing_rank, standing_width) from standing
    where width = standing_width
)

select * from final
