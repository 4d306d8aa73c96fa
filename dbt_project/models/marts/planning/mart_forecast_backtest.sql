-- One row per scope x team x feature x day until which a forecast was made to know: what three methods say of the
-- fortnight after it, and what came. Six such days, a week apart, each with four weeks before it.
with days as (
    select * from {{ ref('int_forecast_days') }}
),

origins as (
    select * from {{ ref('int_forecast_origins') }}
    where held_back > 0
),

ahead as (
    select 1 as week_ahead
    union all
    select 2
),

-- how many days of a week ahead have the prices of a stretch
stretches as (
    select distinct
        known_until,
        stretch,
        starts_on,
        ends_on
    from days
),

weeks as (
    select
        origins.*,
        ahead.week_ahead,
        stretches.known_until,
        greatest(
            least(stretches.ends_on, stretches.known_until - 7 * (origins.held_back - ahead.week_ahead) + 1)
            - greatest(stretches.starts_on, stretches.known_until - 7 * (origins.held_back - ahead.week_ahead + 1) + 1),
            0
        ) as days_at_price,
        {{ requests_ahead('origins', 'ahead.week_ahead') }} as micro_requests
    from origins
    cross join ahead
    inner join stretches on origins.stretch = stretches.stretch
),

forecasts as (
    select
        weeks.series,
        weeks.held_back,
        weeks.known_until - 7 * weeks.held_back as known_until,
        2 * max(weeks.last_cost_pico) as naive_pico,
        sum({{ at_count('weeks.last_priced_pico', 'weeks.days_at_price', '7') }}) as repriced_pico,
        sum(
            case
                when weeks.recent_requests > 0
                    then {{ cost_of_requests('weeks', quotient('weeks.micro_requests * weeks.days_at_price', '7')) }}
            end
        ) as drivers_pico
    from weeks
    group by weeks.series, weeks.held_back, weeks.known_until
),

came as (
    select
        origins.series,
        origins.held_back,
        sum(days.cost_pico) as actual_pico
    from (select distinct series, held_back from origins) as origins
    inner join days
        on
            origins.series = days.series
            and days.stretch = 0
            and days.days_back >= 7 * (origins.held_back - 2)
            and days.days_back < 7 * origins.held_back
    group by origins.series, origins.held_back
),

series as (
    select distinct
        series,
        scope,
        team,
        feature
    from days
),

final as (
    select
        series.scope,
        series.team,
        series.feature,
        forecasts.known_until,
        {{ from_pico('coalesce(came.actual_pico, 0)') }} as actual_cost,
        {{ from_pico('forecasts.naive_pico') }} as naive_cost,
        {{ from_pico('forecasts.repriced_pico') }} as repriced_cost,
        {{ from_pico('forecasts.drivers_pico') }} as drivers_cost,
        {{ error_of('forecasts.naive_pico', 'coalesce(came.actual_pico, 0)') }} as naive_error,
        {{ error_of('forecasts.repriced_pico', 'coalesce(came.actual_pico, 0)') }} as repriced_error,
        {{ error_of('forecasts.drivers_pico', 'coalesce(came.actual_pico, 0)') }} as drivers_error
    from forecasts
    inner join series on forecasts.series = series.series
    left join came on forecasts.series = came.series and forecasts.held_back = came.held_back
)

select * from final
