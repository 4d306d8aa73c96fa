{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date x source: its records of calls that another source's record stands for, and its requests
-- that may be such calls and cannot be told, with their cost by contract, else by list, in pico-units: of those whose
-- price is known, NULL where none is, and how many have none.
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

requests as (
    select * from {{ ref('int_requests') }}
),

meters as (
    select
        request_key,
        case
            when count(*) = count(coalesce(contracted_cost_pico, list_cost_pico))
                then sum(coalesce(contracted_cost_pico, list_cost_pico))
        end as cost_pico
    from {{ ref('int_request_meters') }}
    where request_key in (select record_key from told_twice where standing_key is null)
    group by request_key
),

counted as (
    select
        told_twice.usage_date,
        told_twice.day_hash,
        told_twice.source,
        told_twice.standing_key is null as is_likely,
        case
            when told_twice.standing_key is not null or requests.is_untold then null
            -- what used nothing cost nothing
            when meters.request_key is null then 0
            else meters.cost_pico
        end as likely_pico
    from told_twice
    left join requests on told_twice.record_key = requests.request_key
    left join meters on told_twice.record_key = meters.request_key
),

final as (
    select
        usage_date,
        day_hash,
        source,
        count(*) filter (where not is_likely) as records_observed_elsewhere,
        count(*) filter (where is_likely) as requests_likely_elsewhere,
        count(*) filter (where is_likely and likely_pico is null) as requests_likely_elsewhere_unpriced,
        sum(likely_pico) as likely_elsewhere_pico
    from counted
    group by usage_date, day_hash, source
)

select * from final
