{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x source: its records of calls that another source's record stands for, and its requests
-- that may be such calls and cannot be told, with their cost by contract, else by list, in pico-units.
with days as (
    select * from {{ ref('int_days_in_hand') }}
),

told_twice as (
    select
        told_twice.*,
        days.day_hash
    from {{ ref('int_calls_told_twice') }} as told_twice
    inner join days on told_twice.usage_date = days.usage_date
),

costs as (
    select
        request_key,
        sum(coalesce(contracted_cost_pico, list_cost_pico, 0)) as cost_pico
    from {{ ref('int_request_meters') }}
    where request_key in (select record_key from told_twice where standing_key is null)
    group by request_key
),

final as (
    select
        told_twice.usage_date,
        told_twice.day_hash,
        told_twice.source,
        count(told_twice.standing_key) as records_observed_elsewhere,
        count(*) - count(told_twice.standing_key) as requests_likely_elsewhere,
        coalesce(sum(case when told_twice.standing_key is null then costs.cost_pico end), 0) as likely_elsewhere_pico
    from told_twice
    left join costs on told_twice.record_key = costs.request_key
    group by told_twice.usage_date, told_twice.day_hash, told_twice.source
)

select * from final
