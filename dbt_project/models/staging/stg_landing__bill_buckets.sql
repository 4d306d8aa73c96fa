-- The standing version of every bucket (period of a report): the finest grouping, of it the newest
-- complete pull. Older pulls are history, a control bill never stands as charges.
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
            partition by landed.source, landed.report, landed.bucket_start
            order by
                length(landed.grouping) - length(replace(landed.grouping, ',', '')) desc,
                length(landed.grouping) desc,
                landed.pulled_at desc nulls last,
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

final as (
    select * exclude (standing_rank) from ranked
    where standing_rank = 1
)

select * from final
