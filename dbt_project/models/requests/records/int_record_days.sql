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
        {{ record_text('requests') }} as own_text,
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

-- a record that stands as another one splits its counts says what it says so
records as (
    select
        landed.*,
        exceptions.source is null or exceptions.stands as stands,
        case
            when exceptions.stands
                then concat_ws('|', landed.own_text{% for column in said_of_splits() %}, exceptions.{{ column }}{% endfor %})
            else landed.own_text
        end as record_text
    from landed
    left join exceptions
        on
            landed.source = exceptions.source
            and landed.batch = exceptions.batch
            and landed.object_no = exceptions.object_no
            and landed.record_no = exceptions.record_no
            and landed.request_id is not distinct from exceptions.request_id
),

final as (
    select
        source,
        start_day,
        start_hash,
        usage_date,
        count(*) as records,
        count(case when stands then 1 end) as requests,
        {{ hash_of_rows('record_text') }} filter (where stands) as records_hash,
        {{ hash_of_rows('record_text') }} filter (where stands and is_early) as first_hash,
        {{ hash_of_rows('record_text') }} filter (where stands and is_late) as last_hash
    from records
    group by source, start_day, start_hash, usage_date
)

select * from final
