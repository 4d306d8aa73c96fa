{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=["{{ open_undecided_days() }}", "{{ forget_undecided_days() }}"],
    post_hook="{{ note_decided_days() }}",
) }}
-- One row per source, UTC day of start and day of use: its landed records, the requests that stand, and the
-- hash of these; also of those within seconds of either midnight, which the day beside looks at (decision 91).
-- A batch is used when it ends, which may be on a later day than it started.
{#- EDGE of orchestration/warehouse/request_files.py #}
{%- set edge = 'interval 5 second' %}
with days as (
    {{ undecided_days() }}
),

landed as (
    select
        requests.source,
        requests.batch,
        requests.object_no,
        requests.record_no,
        requests.request_id,
        {{ record_text('requests') }} as record_text,
        cast(requests.used_at as date) as usage_date,
        days.start_day,
        days.start_hash,
        requests.started_at < cast(days.start_day as timestamp) + {{ edge }} as is_early,
        requests.started_at >= cast(days.start_day as timestamp) + interval 1 day - {{ edge }} as is_late
    from {{ ref('stg_landing__requests_to_decide') }} as requests
    inner join days
        on requests.source = days.source and cast(requests.started_at as date) = days.start_day
),

exceptions as (
    select exceptions.*
    from {{ ref('int_record_exceptions') }} as exceptions
    inner join days
        on exceptions.source = days.source and exceptions.start_day = days.start_day
),

final as (
    select
        landed.source,
        landed.start_day,
        landed.start_hash,
        landed.usage_date,
        count(*) as records,
        count(case when exceptions.source is null then 1 end) as requests,
        {{ hash_of_rows('landed.record_text') }}
            filter (where exceptions.source is null) as records_hash,
        {{ hash_of_rows('landed.record_text') }}
            filter (where exceptions.source is null and landed.is_early) as first_hash,
        {{ hash_of_rows('landed.record_text') }}
            filter (where exceptions.source is null and landed.is_late) as last_hash
    from landed
    left join exceptions
        on
            landed.source = exceptions.source
            and landed.batch = exceptions.batch
            and landed.object_no = exceptions.object_no
            and landed.record_no = exceptions.record_no
            and landed.request_id is not distinct from exceptions.request_id
    group by landed.source, landed.start_day, landed.start_hash, landed.usage_date
)

select * from final
