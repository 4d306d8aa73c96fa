-- Fails if a record that landed is not of exactly one request: days of start that are not decided as they
-- landed, records that neither stand nor are told not to, days of use that this run built with other requests than stand.
with start_days as (
    select
        source,
        start_day,
        landed,
        has_replaced
    from {{ ref('int_start_days') }}
),

record_days as (
    select
        source,
        start_day,
        sum(records) as records,
        sum(requests) as requests
    from {{ ref('int_record_days') }}
    group by source, start_day
),

exceptions as (
    select
        source,
        start_day,
        count(*) as records
    from {{ ref('int_record_exceptions') }}
    where stands is not true
    group by source, start_day
),

standing as (
    select
        usage_date,
        sum(requests) as requests
    from {{ ref('int_record_days') }}
    where requests > 0 and usage_date in (select usage_date from {{ ref('int_days_in_hand') }})
    group by usage_date
),

requests as (
    select
        usage_date,
        count(*) as requests
    from (
        select usage_date from {{ ref('int_requests') }}
        where is_tool_call is not true
        union all
        -- of another source's record
        select told_twice.usage_date
        from {{ ref('int_calls_told_twice') }} as told_twice
        inner join {{ ref('int_days_in_hand') }} as days on told_twice.usage_date = days.usage_date
        where told_twice.standing_key is not null
    ) as calls
    group by usage_date
)

select
    'records that landed' as problem,
    start_days.source,
    start_days.start_day as day,
    start_days.landed - coalesce(record_days.records, 0) as difference
from start_days
left join record_days
    on start_days.source = record_days.source and start_days.start_day = record_days.start_day
where
    start_days.landed < coalesce(record_days.records, 0)
    or (not start_days.has_replaced and start_days.landed > coalesce(record_days.records, 0))
union all
select
    'records that do not stand' as problem,
    record_days.source,
    record_days.start_day as day,
    record_days.records - record_days.requests - coalesce(exceptions.records, 0) as difference
from record_days
left join exceptions
    on record_days.source = exceptions.source and record_days.start_day = exceptions.start_day
where record_days.records - record_days.requests <> coalesce(exceptions.records, 0)
union all
select
    'requests that stand' as problem,
    null as source,
    coalesce(standing.usage_date, requests.usage_date) as day,
    coalesce(standing.requests, 0) - coalesce(requests.requests, 0) as difference
from standing
full outer join requests on standing.usage_date = requests.usage_date
where coalesce(standing.requests, 0) <> coalesce(requests.requests, 0)
