-- One row per month (that of the first day which is not known whole, and three after it) x scope (the company, a team,
-- a feature of a team): what it will have cost. Scopes are forecast each for itself and do not sum up.
with days as (
    select * from {{ ref('int_forecast_days') }}
),

tested as (
    select
        scope,
        team,
        feature,
        count(*) as origins,
        {{ mean_error('naive_error') }} as naive_error,
        {{ mean_error('repriced_error') }} as repriced_error,
        case when count(drivers_error) = count(*) then {{ mean_error('drivers_error') }} end as drivers_error
    from {{ ref('mart_forecast_backtest') }}
    group by scope, team, feature
),

series as (
    select
        days.series,
        days.scope,
        days.team,
        days.feature,
        days.known_until,
        coalesce(tested.origins, 0) as origins,
        tested.naive_error,
        tested.drivers_error,
        case
            when
                tested.origins >= {{ least_origins() }}
                and tested.drivers_error < least(tested.naive_error, tested.repriced_error)
                and sum(case when days.days_back < 28 then days.requests else 0 end) > 0
                then 'drivers'
            when max(stretches.stretch) > 0 and coalesce(tested.repriced_error <= tested.naive_error, true)
                then 'repriced_naive'
            else 'seasonal_naive'
        end as method,
        tested.repriced_error,
        cast(sum(case when days.days_back < 28 then days.unpriced_quantity else 0 end) as bigint) as unpriced_quantity
    from days
    left join tested
        on
            days.scope = tested.scope
            and days.team is not distinct from tested.team
            and days.feature is not distinct from tested.feature
    cross join (select max(stretch) as stretch from days) as stretches
    where days.stretch = 0
    group by
        days.series, days.scope, days.team, days.feature, days.known_until, tested.origins, tested.naive_error,
        tested.repriced_error, tested.drivers_error
    -- what was not used for four weeks has ended
    having min(days.days_back) < 28
),

known as (
    select distinct known_until from days
),

-- days to come, and on which place of the week they are
dates as (
    select
        day,
        {{ first_of_month('day') }} as forecast_month,
        (7 - (day - known_until) % 7) % 7 as place,
        {{ small_quotient('day - known_until + 6', '7') }} as week_ahead
    from (
        select
            known_until,
            {{ each_day('known_until + 1', first_of_month('known_until + 1') ~ ' + interval 4 month') }} as day
        from known
    ) as to_come
),

stretches as (
    select distinct
        stretch,
        starts_on,
        ends_on
    from days
),

coming as (
    select
        dates.forecast_month,
        dates.place,
        dates.week_ahead,
        stretches.stretch,
        count(*) as days
    from dates
    inner join stretches on dates.day >= stretches.starts_on and dates.day < stretches.ends_on
    group by dates.forecast_month, dates.place, dates.week_ahead, stretches.stretch
),

places as (
    select
        series,
        stretch,
        days_back % 7 as place,
        cast(sum(case when days_back < 7 then requests else 0 end) as bigint) as last_requests,
        cast(sum(case when days_back < 7 then cost_pico else 0 end) as decimal(38, 0)) as last_cost_pico,
        cast(sum(case when days_back < 7 then priced_pico else 0 end) as decimal(38, 0)) as last_priced_pico,
        cast(sum(requests) as bigint) as recent_requests
    from days
    where days_back < 28
    group by series, stretch, days_back % 7
),

origins as (
    select * from {{ ref('int_forecast_origins') }}
    where held_back = 0
),

rest_by_week as (
    select
        series.series,
        coming.forecast_month,
        series.method,
        origins.recent_requests,
        origins.recent_priced_pico,
        coming.days * places.last_requests as naive_requests,
        coming.days * case when series.method = 'seasonal_naive' then places.last_cost_pico else places.last_priced_pico end
            as naive_pico,
        case
            when series.method = 'drivers'
                then {{ quotient(
                    requests_ahead('origins', 'coming.week_ahead') ~ ' * coming.days * places.recent_requests',
                    'nullif(origins.recent_requests, 0)'
                ) }}
        end as micro_requests
    from series
    inner join origins on series.series = origins.series
    inner join places on series.series = places.series
    inner join coming
        on
            origins.stretch = coming.stretch
            and places.stretch = coming.stretch
            and places.place = coming.place
),

rest as (
    select
        series,
        forecast_month,
        case
            when method = 'drivers' then {{ quotient('sum(micro_requests)', '1000000') }}
            else sum(naive_requests)
        end as requests,
        case
            when method = 'drivers'
                then sum({{ cost_of_requests('rest_by_week', 'micro_requests') }})
            else sum(naive_pico)
        end as cost_pico
    from rest_by_week
    group by series, forecast_month, method
),

months as (
    select
        forecast_month,
        max(day) as last_day,
        row_number() over (order by forecast_month nulls last) as month_no
    from dates
    group by forecast_month
),

so_far as (
    select
        series,
        {{ first_of_month('usage_date') }} as forecast_month,
        sum(requests) as requests,
        sum(cost_pico) as cost_pico
    from days
    where stretch = 0
    group by series, {{ first_of_month('usage_date') }}
),

-- what has no model: tax, credits, fees, seats of the last month that is known whole
without_model as (
    select
        costs.team,
        costs.feature,
        {{ to_pico('costs.' ~ basis_cost() ~ ' + coalesce(costs.estimated_cost, 0)') }} as cost_pico
    from {{ ref('fct_cost_daily') }} as costs
    cross join known
    where
        costs.model = '__none__'
        and costs.usage_date >= {{ first_of_month('known.known_until + 1') }} - interval 1 month
        and costs.usage_date < {{ first_of_month('known.known_until + 1') }}
),

other as (
    {%- for scope, team, feature in [
        ('company', 'null', 'null'), ('team', 'team', 'null'), ('feature', 'team', 'feature'),
    ] %}
    select
        '{{ scope }}' as scope,
        {{ team if team == 'team' else 'cast(null as string)' }} as team,
        {{ feature if feature == 'feature' else 'cast(null as string)' }} as feature,
        sum(cost_pico) as cost_pico
    from without_model
    group by 1, 2, 3
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

joined as (
    select
        series.*,
        months.forecast_month,
        months.month_no - 1 as months_ahead,
        {{ small_quotient('months.last_day - series.known_until + 13', '14') }} as fortnights,
        coalesce(so_far.requests, 0) as requests_so_far,
        coalesce(so_far.cost_pico, 0) as pico_so_far,
        coalesce(other.cost_pico, 0) as other_pico,
        rest.requests as requests_to_come,
        rest.cost_pico as pico_to_come,
        case series.method
            when 'drivers' then series.drivers_error
            when 'repriced_naive' then series.repriced_error
            else series.naive_error
        end as error_percent
    from series
    cross join months
    left join rest on series.series = rest.series and months.forecast_month = rest.forecast_month
    left join so_far on series.series = so_far.series and months.forecast_month = so_far.forecast_month
    left join other
        on
            series.scope = other.scope
            and series.team is not distinct from other.team
            and series.feature is not distinct from other.feature
),

spread as (
    select
        *,
        case
            when error_percent is not null
                then {{ at_percent('abs(pico_to_come)', 'least(error_percent * ' ~ errors_to_p90('fortnights') ~ ', 1000)') }}
        end as spread_pico
    from joined
),

final as (
    select
        forecast_month,
        scope,
        team,
        feature,
        cast(months_ahead as integer) as months_ahead,
        known_until,
        cast(requests_so_far + requests_to_come as bigint) as requests,
        {{ from_pico('pico_so_far') }} as cost_so_far,
        {{ from_pico('pico_to_come') }} as cost_to_come,
        {{ from_pico('other_pico') }} as other_cost,
        {{ from_pico('pico_so_far + pico_to_come + other_pico') }} as forecast_cost,
        -- what is to come costs something or nothing
        case
            when pico_to_come > 0 and spread_pico > pico_to_come then {{ from_pico('pico_so_far + other_pico') }}
            else {{ from_pico('pico_so_far + pico_to_come + other_pico - spread_pico') }}
        end as p10_cost,
        {{ from_pico('pico_so_far + pico_to_come + other_pico + spread_pico') }} as p90_cost,
        method,
        cast(origins as integer) as origins,
        error_percent,
        naive_error as naive_error_percent,
        repriced_error as repriced_error_percent,
        drivers_error as drivers_error_percent,
        case
            when origins < {{ least_origins() }} then 'short_history'
            when error_percent > {{ reliable_error() }} then 'large_error'
        end as unreliable_because,
        unpriced_quantity
    from spread
)

select * from final
