{{ config(
    database='stage',
    pre_hook={'sql': '{{ forget_stale_days() }}', 'transaction': False},
) }}
-- One row per day that this build makes: of the days that are not built as they are now the oldest, as many
-- as have `requests_in_hand` requests together, and at least one.
with changed as (
    select
        day_inputs.usage_date,
        day_inputs.day_hash,
        day_inputs.requests,
        sum(day_inputs.requests) over (order by day_inputs.usage_date nulls last) as requests_so_far
    from {{ ref('int_day_inputs') }} as day_inputs
    left join {{ source('built', 'built_days') }} as built_days
        on
            day_inputs.usage_date = built_days.usage_date
            and day_inputs.day_hash = built_days.day_hash
    where built_days.usage_date is null
),

final as (
    select
        usage_date,
        day_hash
    from changed
    where
        requests_so_far <= {{ var('requests_in_hand') }}
        or requests_so_far = requests
)

select * from final
