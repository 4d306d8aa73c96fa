-- One row per series (the company, a team, a feature of a team) x day of the last fifteen weeks x stretch of time without
-- a change of price, the days to come among them: the day's requests, what they cost, and what they would cost at the
-- prices of that stretch. Stretch 0 is the first, every day has it. Money without a model (tax, credits, fees) is not
-- here. Prices are those of the standard tier, without bands: what a change moves is moved in proportion.
with costs as (
    select * from {{ ref('fct_cost_daily') }}
    where model <> '__none__'
),

-- the newest hour of any log says whether its day is whole; without logs the bills' days are
newest as (
    {{ newest_hour_of(ref('int_cells')) }}
),

last_logged as (
    select cast(newest_hour + interval 1 hour as date) as day_after from newest
),

known as (
    select coalesce(max(last_logged.day_after), max(costs.usage_date) + 1) - 1 as known_until
    from costs
    cross join last_logged
),

bounds as (
    select
        known_until,
        known_until - {{ forecast_weeks() * 7 }} as days_after,
        {{ first_of_month('known_until + 1') }} + interval 4 month as days_before
    from known
),

used as (
    select distinct
        costs.provider,
        costs.model
    from costs
    cross join bounds
    where costs.usage_date > bounds.days_after and costs.usage_date <= bounds.known_until
),

prices as (
    select
        prices.provider,
        prices.model,
        prices.meter,
        prices.region,
        -- a day has the price that is in force when it begins
        cast(prices.valid_from + interval 1 day - interval 1 microsecond as date) as starts_on,
        cast(prices.valid_to + interval 1 day - interval 1 microsecond as date) as ends_on,
        prices.contracted_pico_per_million as price,
        min(prices.region) over (partition by prices.provider, prices.model) as first_region
    from {{ ref('int_prices_dated') }} as prices
    inner join used on prices.provider = used.provider and prices.model = used.model
    where
        prices.service_tier = 'standard'
        and prices.context_above = 0
        and prices.volume_above = 0
        and prices.contracted_pico_per_million is not null
        and prices.valid_from < timestamp '9999-12-30'
),

compared as (
    select
        *,
        lag(price) over (partition by provider, model, meter order by starts_on nulls last) as price_before
    from prices
    where region = first_region
),

changes as (
    select
        compared.provider,
        compared.model,
        compared.starts_on
    from compared
    cross join bounds
    where
        compared.price <> compared.price_before
        and compared.starts_on > bounds.days_after + 1
        and compared.starts_on < bounds.days_before
),

changed as (
    select distinct provider, model from changes
),

starts as (
    select days_after + 1 as starts_on from bounds
    union
    select starts_on from changes
),

stretches as (
    select
        row_number() over (order by starts_on nulls last) - 1 as stretch,
        starts_on,
        coalesce(lead(starts_on) over (order by starts_on nulls last), date '9999-12-31') as ends_on
    from starts
),

price_lists as (
    select
        compared.provider,
        compared.model,
        stretches.stretch
        {%- for meter in var('meters') %},
        max(case when compared.meter = '{{ meter }}' then compared.price end) as {{ meter }}_price
        {%- endfor %}
    from compared
    inner join changed on compared.provider = changed.provider and compared.model = changed.model
    inner join stretches on compared.starts_on <= stretches.starts_on and stretches.starts_on < compared.ends_on
    group by compared.provider, compared.model, stretches.stretch
),

-- models whose prices stay as they are need not be told apart
lines as (
    select
        costs.team,
        costs.feature,
        costs.usage_date,
        changed.provider,
        changed.model,
        cast(sum(costs.requests) as bigint) as requests,
        {{ to_pico('sum(costs.' ~ basis_cost() ~ ' + coalesce(costs.estimated_cost, 0))') }} as cost_pico,
        cast(sum(costs.unpriced_quantity) as bigint) as unpriced_quantity
        {%- for meter in var('meters') %},
        cast(sum(costs.{{ meter }}_quantity) as bigint) as {{ meter }}_quantity
        {%- endfor %}
    from costs
    cross join bounds
    left join changed on costs.provider = changed.provider and costs.model = changed.model
    where costs.usage_date > bounds.days_after and costs.usage_date <= bounds.known_until
    group by costs.team, costs.feature, costs.usage_date, changed.provider, changed.model
),

valued as (
    select
        lines.team,
        lines.feature,
        lines.usage_date,
        lines.requests,
        lines.cost_pico,
        lines.unpriced_quantity,
        stretches.stretch,
        stretches.starts_on,
        stretches.ends_on,
        {{ at_prices('lines', 'prices_then') }} as value_then,
        {{ at_prices('lines', 'prices_there') }} as value_there,
        prices_then.provider is not null and prices_there.provider is not null as is_priced
    from lines
    cross join stretches
    inner join stretches as own
        on lines.usage_date >= own.starts_on and lines.usage_date < own.ends_on
    left join price_lists as prices_then
        on
            lines.provider = prices_then.provider
            and lines.model = prices_then.model
            and own.stretch = prices_then.stretch
    left join price_lists as prices_there
        on
            lines.provider = prices_there.provider
            and lines.model = prices_there.model
            and stretches.stretch = prices_there.stretch
),

repriced as (
    select
        *,
        case
            when is_priced and value_then > 0 then {{ at_count('cost_pico', 'value_there', 'value_then') }}
            else cost_pico
        end as priced_pico
    from valued
),

scoped as (
    {%- for scope, team, feature in [
        ('company', 'null', 'null'), ('team', 'team', 'null'), ('feature', 'team', 'feature'),
    ] %}
    select
        '{{ scope }}' as scope,
        {{ team if team == 'team' else 'cast(null as string)' }} as scope_team,
        {{ feature if feature == 'feature' else 'cast(null as string)' }} as scope_feature,
        *
    from repriced
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        {{ key_of(['scope', 'scope_team', 'scope_feature']) }} as series,
        scope,
        scope_team as team,
        scope_feature as feature,
        bounds.known_until,
        scoped.usage_date,
        bounds.known_until - scoped.usage_date as days_back,
        scoped.stretch,
        scoped.starts_on,
        scoped.ends_on,
        cast(sum(scoped.requests) as bigint) as requests,
        cast(sum(scoped.unpriced_quantity) as bigint) as unpriced_quantity,
        cast(sum(scoped.cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(scoped.priced_pico) as decimal(38, 0)) as priced_pico
    from scoped
    cross join bounds
    group by
        scope, scope_team, scope_feature, bounds.known_until, scoped.usage_date, scoped.stretch, scoped.starts_on, scoped.ends_on
)

select * from final
