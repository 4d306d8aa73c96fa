-- One row per source and UTC day on which its records start, with the hash of all that decides which of
-- them stand: its own records and those that were replaced, and what it shares with other days, which is
-- the seconds around a midnight where a source has two sinks, and LiteLLM's batches.
with landed as (
    select * from {{ source('seen', 'request_days') }}
),

replaced_objects as (
    select source, batch, object_no from {{ source('landing', 'objects') }}
    where not is_current
),

-- by the span of objects that a file has of a batch: more than are in it may be
replaced as (
    select distinct
        landed.source,
        landed.start_day,
        landed.batch,
        replaced_objects.object_no
    from landed
    inner join replaced_objects
        on
            landed.source = replaced_objects.source
            and landed.batch = replaced_objects.batch
            and replaced_objects.object_no between landed.first_object and landed.last_object
),

replaced_by_day as (
    select
        source,
        start_day,
        {{ hash_of_rows("concat_ws('|', batch, object_no)") }} as replaced_hash
    from replaced
    group by source, start_day
),

sinks as (
    select
        source,
        max(highest_rank) as upper_rank
    from landed
    group by source
    having min(lowest_rank) < max(highest_rank)
),

by_day as (
    select
        source,
        start_day,
        cast(sum(rows) as bigint) as rows,
        sum(rows_hash) as rows_hash,
        sum(first_hash) as first_hash,
        sum(last_hash) as last_hash
    from landed
    group by source, start_day
),

days as (
    select
        by_day.*,
        sinks.upper_rank,
        replaced_by_day.replaced_hash,
        concat_ws('|', by_day.rows, by_day.rows_hash, replaced_by_day.replaced_hash) as own
    from by_day
    left join sinks on by_day.source = sinks.source
    left join replaced_by_day
        on by_day.source = replaced_by_day.source and by_day.start_day = replaced_by_day.start_day
),

-- what other days a day's records are decided with, and what of them
beside as (
    select
        days.source,
        days.start_day,
        concat_ws('|', 'earlier', earlier.last_hash, earlier.replaced_hash) as content
    from days
    inner join days as earlier
        on days.source = earlier.source and days.start_day = cast(earlier.start_day + interval 1 day as date)
    where days.upper_rank is not null and earlier.last_hash is not null
    union all
    select
        days.source,
        days.start_day,
        concat_ws('|', 'later', later.first_hash, later.replaced_hash) as content
    from days
    inner join days as later
        on days.source = later.source and days.start_day = cast(later.start_day - interval 1 day as date)
    where days.upper_rank is not null and later.first_hash is not null
    union all
    select distinct
        own.source,
        own.start_day,
        concat_ws('|', others.start_day, days.own) as content
    from landed as own
    inner join landed as others
        on own.source = others.source and own.batch_key = others.batch_key
    inner join days on others.source = days.source and others.start_day = days.start_day
    where own.start_day <> others.start_day
),

beside_by_day as (
    select
        source,
        start_day,
        {{ hash_of_rows('content') }} as beside_hash
    from beside
    group by source, start_day
),

final as (
    select
        days.source,
        days.start_day,
        days.upper_rank,
        days.rows as landed,
        days.replaced_hash is not null as has_replaced,
        md5(concat_ws(
            '|', days.own, coalesce(days.upper_rank, 0), coalesce(beside_by_day.beside_hash, 0), '{{ var("rules_version") }}'
        )) as start_hash
    from days
    left join beside_by_day
        on days.source = beside_by_day.source and days.start_day = beside_by_day.start_day
)

select * from final
