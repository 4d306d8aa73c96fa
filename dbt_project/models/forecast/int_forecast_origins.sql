-- One row per series x origin (weeks that are held back: 0 is now, the others are for the backtest) x stretch of time
-- without a change of price: what is known at that origin. Weeks are counted back from the last whole day.
with days as (
    select * from {{ ref('int_forecast_days') }}
),

weeks as (
    select
        series,
        stretch,
        {{ small_quotient('days_back', '7') }} as week,
        cast(sum(requests) as bigint) as requests,
        cast(sum(cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(priced_pico) as decimal(38, 0)) as priced_pico
    from days
    group by 1, 2, 3
),

since as (
    select
        series,
        {{ small_quotient('max(days_back) + 1', '7') }} as weeks
    from days
    group by series
),

origins as (
    select unnest([0{% for held_back in range(2, origins() + 2) %}, {{ held_back }}{% endfor %}]) as held_back
),

spans as (
    select
        since.series,
        origins.held_back,
        least(since.weeks - origins.held_back, {{ trend_weeks() }}) as weeks_known
    from since
    cross join origins
    -- a backtest knows at least four weeks
    where since.weeks - origins.held_back >= case when origins.held_back = 0 then 1 else 4 end
),

final as (
    select
        spans.series,
        spans.held_back,
        spans.weeks_known,
        weeks.stretch,
        cast(sum(weeks.requests) as bigint) as requests,
        -- the sum of 2i - (n - 1) times the i-th week, which a slope is made of
        cast(
            sum((spans.weeks_known - 1 - 2 * (weeks.week - spans.held_back)) * weeks.requests) as bigint
        ) as leaning,
        cast(coalesce(sum(weeks.requests) filter (where weeks.week < spans.held_back + 4), 0) as bigint)
            as recent_requests,
        cast(coalesce(sum(weeks.priced_pico) filter (where weeks.week < spans.held_back + 4), 0) as decimal(38, 0))
            as recent_priced_pico,
        cast(coalesce(sum(weeks.requests) filter (where weeks.week = spans.held_back), 0) as bigint)
            as last_requests,
        cast(coalesce(sum(weeks.cost_pico) filter (where weeks.week = spans.held_back), 0) as decimal(38, 0))
            as last_cost_pico,
        cast(coalesce(sum(weeks.priced_pico) filter (where weeks.week = spans.held_back), 0) as decimal(38, 0))
            as last_priced_pico
    from spans
    inner join weeks
        on
            spans.series = weeks.series
            and weeks.week >= spans.held_back
            and weeks.week < spans.held_back + spans.weeks_known
    group by spans.series, spans.held_back, spans.weeks_known, weeks.stretch
)

select * from final
