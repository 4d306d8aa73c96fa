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
    select * exclude (standing_rank) from ranked
    where standing_rank = 1
),

-- the dates that a period touches, to find the periods that overlap it
dated as (
    select *, cast(bucket_start as date) as touched_date from standing
    union
    select *, cast(bucket_start + interval 12 hour as date) from standing
    union
    select *, cast(bucket_end - interval 1 microsecond as date) from standing
),

-- what a pull says of other periods that overlap these: a newer one stands, of one pull the wider
replaced as (
    select distinct older.source, older.report, older.bucket_start, older.bucket_end
    from dated as older
    inner join dated as newer
        on
            older.source = newer.source
            and older.report = newer.report
            and older.touched_date = newer.touched_date
            and older.bucket_start < newer.bucket_end
            and newer.bucket_start < older.bucket_end
            and (
                coalesce(older.pulled_at < newer.pulled_at, older.pulled_at is null and newer.pulled_at is not null)
                or (older.pulled_at is not distinct from newer.pulled_at and older.width < newer.width)
            )
),

final as (
    select standing.* exclude (pulled_at, width)
    from standing
    left join replaced
        on
            standing.source = replaced.source
            and standing.report = replaced.report
            and standing.bucket_start = replaced.bucket_start
            and standing.bucket_end = replaced.bucket_end
    where replaced.source is null
)

select * from final
