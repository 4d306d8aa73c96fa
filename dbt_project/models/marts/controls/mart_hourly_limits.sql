-- One row per axis x entity x measure x UTC hour: what is usual of the hour, and from where on it is out of line. Hours
-- of the last weeks that reached the floor, and all hours of the week to come, which the watch between runs compares with.
{%- set rules = runaway_rules() %}
{%- set asked_days = rules.days_shown + rules.days_varying %}
{%- set window_days = asked_days + 7 * rules.weeks %}
with newest as (
    {{ newest_hour_of(ref('int_use_hourly')) }}
),

bounds as (
    select
        max(newest.newest_hour) as last_hour,
        min(uses.usage_hour) as first_hour
    from {{ ref('int_use_hourly') }} as uses
    cross join newest
),

uses as (
    select uses.*
    from {{ ref('int_use_hourly') }} as uses
    cross join bounds
    where uses.usage_hour > bounds.last_hour - interval {{ window_days }} day
),

along_axes as (
    {%- for axis in watched_axes() %}
    select
        '{{ axis }}' as axis,
        {{ watched_entity(axis, 'uses') }} as entity,
        usage_hour,
        sum(list_cost_pico) as list_cost_pico,
        sum(unpriced_quantity) as unpriced_quantity,
        sum(unpriced_requests) as unpriced_requests,
        sum(requests) as requests,
        sum(tokens) as tokens,
        sum(squares_of_tokens) as squares_of_tokens
    from uses
    where {{ watched_entity(axis, 'uses') }} is not null
    group by all
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- requests that differ from each other by less than a twentieth, and cost something
loop_hours as (
    select
        entity,
        usage_hour,
        requests,
        {{ is_alike('along_axes') }}
        and (
            list_cost_pico * {{ rules.loop_part }} >= {{ runaway_floors().list_cost }}
            or unpriced_requests > 0
        ) as is_alike,
        list_cost_pico
    from along_axes
    where axis = 'loop'
),

measured as (
    {%- for measure, column in [
        ('list_cost', 'list_cost_pico'), ('unpriced_quantity', 'unpriced_quantity'), ('unpriced_requests', 'unpriced_requests'),
    ] %}
    select
        axis,
        entity,
        '{{ measure }}' as measure,
        usage_hour,
        cast({{ column }} as decimal(38, 0)) as amount
    from along_axes
    where axis <> 'loop' and {{ column }} > 0
    union all
    {%- endfor %}
    select
        'loop' as axis,
        entity,
        'requests' as measure,
        usage_hour,
        cast(requests as decimal(38, 0)) as amount
    from loop_hours
),

-- of an entity that was there before the hours that are looked at, the first of these
entities as (
    select
        measured.axis,
        measured.entity,
        measured.measure,
        seen.first_hour,
        max(measured.usage_hour) as last_hour
    from measured
    inner join (
        select axis, entity, min(usage_hour) as first_hour from along_axes
        group by axis, entity
    ) as seen
        on measured.axis = seen.axis and measured.entity = seen.entity
    group by all
),

asked as (
    select
        measured.axis,
        measured.entity,
        measured.measure,
        measured.usage_hour,
        measured.amount,
        false as is_ahead
    from measured
    cross join bounds
    left join loop_hours
        on
            measured.axis = 'loop'
            and measured.entity = loop_hours.entity
            and measured.usage_hour = loop_hours.usage_hour
    where
        measured.usage_hour > bounds.last_hour - interval {{ asked_days }} day
        and measured.amount >= {{ runaway_floor('measured.measure') }}
        and coalesce(loop_hours.is_alike, measured.axis <> 'loop')
    union all
    select
        entities.axis,
        entities.entity,
        entities.measure,
        bounds.last_hour + ahead.hours * interval 1 hour as usage_hour,
        cast(null as decimal(38, 0)) as amount,
        true as is_ahead
    from entities
    cross join bounds
    cross join (select unnest(range(1, {{ 24 * rules.days_ahead + 1 }})) as hours) as ahead
    where entities.axis <> 'loop' and entities.last_hour > bounds.last_hour - interval {{ rules.days }} day
),

aged as (
    select
        asked.*,
        entities.first_hour,
        case
            when asked.usage_hour < entities.first_hour + interval {{ rules.new_for_days }} day then 'new'
            when asked.usage_hour < entities.first_hour + interval {{ rules.known_after_days }} day then 'day'
            else 'week'
        end as compared_with
    from asked
    inner join entities
        on asked.axis = entities.axis and asked.entity = entities.entity and asked.measure = entities.measure
),

steps as (
    select 'week' as compared_with, unnest(range(1, {{ rules.weeks + 1 }})) * 168 as hours_before
    union all
    select 'day' as compared_with, unnest(range(1, {{ rules.days + 1 }})) * 24 as hours_before
),

-- an hour without use is 0, one that is not known yet is none
samples as (
    select
        aged.axis,
        aged.entity,
        aged.measure,
        aged.usage_hour,
        coalesce(measured.amount, 0) as amount
    from aged
    inner join steps on aged.compared_with = steps.compared_with
    cross join bounds
    left join measured
        on
            aged.axis = measured.axis
            and aged.entity = measured.entity
            and aged.measure = measured.measure
            and aged.usage_hour - steps.hours_before * interval 1 hour = measured.usage_hour
    where
        aged.usage_hour - steps.hours_before * interval 1 hour >= aged.first_hour
        and aged.usage_hour - steps.hours_before * interval 1 hour <= bounds.last_hour
),

medians as (
    select
        axis,
        entity,
        measure,
        usage_hour,
        quantile_disc(amount, 0.5) as usual
    from samples
    group by axis, entity, measure, usage_hour
),

deviations as (
    select
        samples.axis,
        samples.entity,
        samples.measure,
        samples.usage_hour,
        medians.usual,
        quantile_disc(abs(samples.amount - medians.usual), 0.5) as deviation,
        count(*) as hours_compared
    from samples
    inner join medians
        on
            samples.axis = medians.axis
            and samples.entity = medians.entity
            and samples.measure = medians.measure
            and samples.usage_hour = medians.usage_hour
    group by all
),

-- the same hour of eight weeks is too little to know how much it varies, all hours of seven days are not
varying as (
    select
        *,
        quantile_disc({{ quotient('deviation * 1000', 'nullif(usual, 0)') }}, 0.5) over (
            partition by axis, entity, measure order by usage_hour nulls last
            range between interval {{ 24 * rules.days_varying - 1 }} hour preceding and current row
        ) as thousandths
    from deviations
),

timed as (
    select
        *,
        {{ usual_times('thousandths') }} as thousandths_of_usual
    from varying
),

limited as (
    select
        aged.*,
        timed.usual,
        timed.deviation,
        coalesce(timed.hours_compared, 0) as hours_compared,
        case
            when timed.usual is not null
                then greatest(
                    {{ quotient('timed.usual * timed.thousandths_of_usual', '1000') }},
                    timed.usual + timed.deviation * {{ rules.deviations }},
                    timed.usual + {{ runaway_floor('aged.measure') }}
                )
            when aged.axis = 'loop' then {{ runaway_floor('aged.measure') }}
            else {{ runaway_floor('aged.measure') }} * {{ rules.new_times }}
        end as limit_amount
    from aged
    left join timed
        on
            aged.axis = timed.axis
            and aged.entity = timed.entity
            and aged.measure = timed.measure
            and aged.usage_hour = timed.usage_hour
),

-- a loop begins in an hour with twice the requests of the one before
rising as (
    select
        limited.*,
        limited.axis <> 'loop' or limited.amount >= 2 * coalesce(before.requests, 0) as is_rising
    from limited
    left join loop_hours as before
        on
            limited.axis = 'loop'
            and limited.entity = before.entity
            and limited.usage_hour - interval 1 hour = before.usage_hour
),

final as (
    select
        axis,
        entity,
        measure,
        usage_hour,
        {{ in_measure('amount') }} as amount,
        {{ in_measure('usual') }} as usual_amount,
        {{ in_measure('deviation') }} as deviation,
        {{ in_measure('limit_amount') }} as limit_amount,
        cast(hours_compared as bigint) as hours_compared,
        compared_with,
        coalesce(amount >= limit_amount, false) as is_over,
        coalesce(amount >= coalesce(usual, 0) + {{ runaway_floor('measure') }}, false) as is_raised,
        is_rising,
        is_ahead
    from rising
    cross join bounds
    where usage_hour > bounds.last_hour - interval {{ rules.days_shown }} day
)

select * from final
