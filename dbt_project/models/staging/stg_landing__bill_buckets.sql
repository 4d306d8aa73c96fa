{{ config(materialized='table') }}
-- One row per page, account and period of a report that counts (stands_as): `bill`, the newest complete
-- pull, of it for each provider and account the finest grouping, or `control`, what only checks the bill: another grouping of the same pull, and
-- a legacy report where the report that took its place covers the period. Older pulls are history, a
-- control bill never stands as charges, and where one pull was saved by the day and by the hour its
-- days stand. Reports of rows have a period's rows on several pages of a pull, or in several files of an
-- export: all of them stand.
with landed as (
    select * from {{ source('landing', 'bill_buckets') }}
),

objects as (
    select source, batch, object_no, object from {{ ref('stg_landing__objects') }}
),

bills as (
    select distinct source from {{ source('landing', 'sources') }}
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
        {{ group_columns('landed.grouping') }} as group_columns,
        {{ is_row_report('landed.report') }} as is_row_report,
        rank() over (
            partition by
                landed.source,
                landed.report,
                landed.provider,
                landed.billing_account,
                landed.bucket_start,
                landed.bucket_end
            order by
                landed.pulled_at desc nulls last,
                {{ group_columns('landed.grouping') }} desc nulls last,
                length(landed.grouping) desc nulls last,
                case when {{ is_export('landed.report') }} then landed.batch end desc nulls last,
                case when {{ is_row_report('landed.report') }} then landed.grouping end desc nulls last,
                case when {{ is_row_report('landed.report') }} then landed.pull_id end desc nulls last,
                case when not {{ is_row_report('landed.report') }} then landed.batch end desc nulls last,
                case when not {{ is_row_report('landed.report') }} then objects.object end asc nulls last,
                case when not {{ is_row_report('landed.report') }} then landed.object_no end asc nulls last
        ) as standing_rank,
        -- of whatever account: one that the newest pull does not name has nothing any more
        max(landed.pulled_at) over (
            partition by landed.source, landed.report, landed.bucket_start, landed.bucket_end
        ) as newest_pulled_at,
        -- an export replaces its month whole, too, where nothing dates it
        max(case when {{ is_export('landed.report') }} then landed.batch end) over (
            partition by
                landed.source, landed.report, landed.bucket_start, landed.bucket_end, landed.pulled_at
        ) as newest_batch
    from landed
    inner join objects
        on
            landed.source = objects.source
            and landed.batch = objects.batch
            and landed.object_no = objects.object_no
    inner join bills on landed.source = bills.source
    -- rows that another page, or a newer answer, has said
    where right(landed.report, 8) <> '_history'
),

standing as (
    select distinct
        source,
        report,
        provider,
        billing_account,
        bucket_start,
        bucket_end,
        pulled_at,
        width,
        group_columns,
        is_row_report
    from ranked
    where
        standing_rank = 1
        and pulled_at is not distinct from newest_pulled_at
        and batch = coalesce(newest_batch, batch)
),

-- the dates that a period touches, to find the periods that overlap it
dated as (
    select *, cast(bucket_start as date) as touched_date from standing
    union
    select *, cast(bucket_start + interval 12 hour as date) from standing
    union
    select *, cast(bucket_end - interval 1 microsecond as date) from standing
),

-- what a pull says of other periods that overlap these: a newer one stands, of one pull and account the
-- wider, in reports of rows after the one of more columns
replaced as (
    select distinct
        older.source,
        older.report,
        older.provider,
        older.billing_account,
        older.bucket_start,
        older.bucket_end
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
                or (
                    older.pulled_at is not distinct from newer.pulled_at
                    and older.provider = newer.provider
                    and older.billing_account = newer.billing_account
                    and (
                        (
                            older.width < newer.width
                            and (not older.is_row_report or older.group_columns <= newer.group_columns)
                        )
                        or (older.is_row_report and older.group_columns < newer.group_columns)
                    )
                )
            )
),

-- legacy reports, by the report that took their place
succeeded as (
    select distinct
        legacy.source,
        legacy.report,
        legacy.provider,
        legacy.billing_account,
        legacy.bucket_start,
        legacy.bucket_end
    from dated as legacy
    inner join dated as successor
        on
            legacy.source = successor.source
            and legacy.provider = successor.provider
            and legacy.billing_account = successor.billing_account
            and legacy.touched_date = successor.touched_date
            and legacy.bucket_start < successor.bucket_end
            and successor.bucket_start < legacy.bucket_end
    where
        (legacy.report = 'cost_report' and successor.report = 'analytics_cost')
        or (legacy.report = 'usage_messages' and successor.report = 'analytics_usage')
),

final as (
    select
        ranked.source,
        ranked.batch,
        ranked.object_no,
        ranked.provider,
        ranked.billing_account,
        ranked.report,
        ranked.grouping,
        ranked.bucket_start,
        ranked.bucket_end,
        ranked.row_count,
        ranked.pulled_at,
        case
            when
                ranked.standing_rank > 1
                or replaced.source is not null
                or succeeded.source is not null
                then 'control'
            else 'bill'
        end as stands_as
    from ranked
    left join replaced
        on
            ranked.source = replaced.source
            and ranked.report = replaced.report
            and ranked.provider = replaced.provider
            and ranked.billing_account = replaced.billing_account
            and ranked.bucket_start = replaced.bucket_start
            and ranked.bucket_end = replaced.bucket_end
    left join succeeded
        on
            ranked.source = succeeded.source
            and ranked.report = succeeded.report
            and ranked.provider = succeeded.provider
            and ranked.billing_account = succeeded.billing_account
            and ranked.bucket_start = succeeded.bucket_start
            and ranked.bucket_end = succeeded.bucket_end
    where
        ranked.pulled_at is not distinct from ranked.newest_pulled_at
        and ranked.batch = coalesce(ranked.newest_batch, ranked.batch)
        -- reports of rows have their control totals beside them
        and (ranked.is_row_report or (ranked.standing_rank = 1 and replaced.source is null))
)

select * from final
