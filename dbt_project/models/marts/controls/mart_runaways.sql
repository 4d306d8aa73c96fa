-- One row per runaway: hours of one entity (a key, a loop on a key, a user, an owner, a model) that are out of line,
-- less than a day apart. An entity whose hours are those of one that stands before it (its key's) has no row of its own.
{%- set rules = runaway_rules() %}
with uses as (
    select * from {{ ref('int_use_hourly') }}
),

newest as (
    {{ newest_hour_of('uses') }}
),

bounds as (
    select
        max(newest.newest_hour) as last_hour,
        max(uses.last_at) as until
    from uses
    inner join newest on uses.usage_hour <= newest.newest_hour
),

limits as (
    select
        *,
        {{ measure_rank('measure') }} as measure_rank
    from {{ ref('mart_hourly_limits') }}
    where is_raised
),

raised_hours as (
    select
        axis,
        entity,
        usage_hour,
        min_by(measure, measure_rank) as measure,
        min_by(compared_with, measure_rank) as compared_with,
        bool_or(is_over) as is_over,
        bool_or(is_over and is_rising) as is_rising,
        {{ to_pico("coalesce(max(usual_amount) filter (where measure = 'list_cost'), 0)") }} as usual_pico
    from limits
    group by axis, entity, usage_hour
),

stretches as (
    select
        *,
        usage_hour - interval 1 hour * row_number() over (
            partition by axis, entity order by usage_hour nulls last
        ) as stretch
    from raised_hours
),

-- what is out of line stays so until an hour that is hardly above what is usual
over_hours as (
    select *
    from (
        select
            *,
            bool_or(is_over) over (
                partition by axis, entity, stretch order by usage_hour nulls last
            ) as is_running
        from stretches
    ) as judged
    where is_running
),

of_entities as (
    {%- for axis in watched_axes() %}
    select
        over_hours.axis,
        over_hours.entity,
        uses.*
    from uses
    inner join over_hours
        on
            over_hours.axis = '{{ axis }}'
            and over_hours.usage_hour = uses.usage_hour
            and over_hours.entity = {{ watched_entity(axis, 'uses') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- what most of an hour was used by
ranked as (
    select
        *,
        row_number() over (
            partition by axis, entity, usage_hour
            order by
                list_cost_pico desc nulls last, unpriced_quantity desc nulls last, requests desc nulls last,
                source nulls last, key_name nulls last, model nulls last, user_id nulls last
                {%- for dimension in owner_dimensions() %},
                {{ dimension }} nulls last
                {%- endfor %}
        ) as place
    from of_entities
),

tops as (
    select
        axis as of_axis,
        entity as of_entity,
        ranked.*
        {%- for axis in watched_axes() %},
        {{ watched_entity(axis, 'ranked') }} as top_{{ axis }}
        {%- endfor %}
    from ranked
    where place = 1
),

used as (
    select
        axis,
        entity,
        usage_hour,
        sum(list_cost_pico) as list_cost_pico,
        sum(unpriced_quantity) as unpriced_quantity,
        sum(unpriced_requests) as unpriced_requests,
        sum(requests) as requests,
        sum(tokens) as tokens,
        min(first_at) as first_at,
        max(last_at) as last_at
    from of_entities
    group by axis, entity, usage_hour
),

begun as (
    select
        {{ all_but('stretch, is_running', of='over_hours') }},
        {{ all_but('axis, entity, usage_hour', of='used') }},
        greatest(used.list_cost_pico - over_hours.usual_pico, 0) as excess_pico,
        lag(over_hours.usage_hour) over (
            partition by over_hours.axis, over_hours.entity order by over_hours.usage_hour nulls last
        ) as hour_before
    from over_hours
    inner join used
        on
            over_hours.axis = used.axis
            and over_hours.entity = used.entity
            and over_hours.usage_hour = used.usage_hour
),

-- who is new is so once, all of the first week
numbered as (
    select
        *,
        sum(
            case
                when usage_hour - hour_before <= interval {{ rules.apart_hours }} hour then 0
                when compared_with = 'new' and hour_before is not null then 0
                else 1
            end
        ) over (partition by axis, entity order by usage_hour nulls last) as runaway_no
    from begun
),

-- sizes that are alike all the time are no loop: it rises once
hours as (
    select *
    from (
        select
            *,
            bool_or(is_rising) over (partition by axis, entity, runaway_no) as rises
        from numbered
    ) as judged
    where rises
),

standing_before as (
    select
        hours.axis,
        hours.entity,
        hours.runaway_no,
        count(distinct hours.usage_hour) as hours_of_others
    from hours
    inner join tops
        on hours.axis = tops.of_axis and hours.entity = tops.of_entity and hours.usage_hour = tops.usage_hour
    inner join hours as others
        on
            hours.usage_hour = others.usage_hour
            and {{ axis_rank('others.axis') }} < {{ axis_rank('hours.axis') }}
            and others.entity = case others.axis
                {%- for axis in watched_axes() %}
                when '{{ axis }}' then tops.top_{{ axis }}
                {%- endfor %}
            end
    group by hours.axis, hours.entity, hours.runaway_no
),

-- keys whose hours look like a loop's
loops as (
    select distinct
        tops.top_key,
        hours.usage_hour
    from hours
    inner join tops
        on hours.axis = tops.of_axis and hours.entity = tops.of_entity and hours.usage_hour = tops.usage_hour
    where hours.axis = 'loop'
),

summed as (
    select
        hours.axis,
        hours.entity,
        hours.runaway_no,
        min(hours.usage_hour) as first_hour,
        max(hours.usage_hour) as last_hour,
        count(*) as hours_over,
        min(hours.first_at) as first_seen_at,
        max(hours.last_at) as last_seen_at,
        min_by(hours.measure, hours.usage_hour) as measure,
        min_by(hours.compared_with, hours.usage_hour) as compared_with,
        count(*) filter (where hours.axis = 'loop' or loops.top_key is not null) > 0 as is_loop,
        cast(sum(hours.requests) as bigint) as requests,
        cast(sum(hours.tokens) as bigint) as tokens,
        cast(sum(hours.unpriced_requests) as bigint) as unpriced_requests,
        cast(sum(hours.unpriced_quantity) as bigint) as unpriced_quantity,
        sum(hours.list_cost_pico) as list_cost_pico,
        sum(hours.excess_pico) as excess_pico,
        min_by(hours.excess_pico, hours.usage_hour) as first_excess_pico,
        min_by(hours.list_cost_pico, hours.usage_hour) as first_cost_pico,
        -- the hour that is going on is no whole one
        coalesce(
            max_by(hours.excess_pico, hours.usage_hour) filter (where hours.usage_hour < bounds.last_hour),
            max_by(hours.excess_pico, hours.usage_hour)
        ) as rate_pico
    from hours
    cross join bounds
    left join loops on hours.axis = 'key' and hours.entity = loops.top_key and hours.usage_hour = loops.usage_hour
    group by hours.axis, hours.entity, hours.runaway_no
),

runaways as (
    select
        summed.*,
        {{ all_but(
            'of_axis, of_entity, axis, entity, usage_hour, usage_date, day_hash, first_at, last_at, requests, tokens, '
            ~ 'squares_of_tokens, unpriced_requests, unpriced_quantity, list_cost_pico, place',
            of='tops'
        ) }},
        summed.last_hour >= bounds.last_hour - interval 1 hour as is_open,
        {{ minutes_to_morning('bounds.until') }} as minutes_to_morning
    from summed
    cross join bounds
    inner join tops
        on summed.axis = tops.of_axis and summed.entity = tops.of_entity and summed.first_hour = tops.usage_hour
    left join standing_before
        on
            summed.axis = standing_before.axis
            and summed.entity = standing_before.entity
            and summed.runaway_no = standing_before.runaway_no
    where 2 * coalesce(standing_before.hours_of_others, 0) < summed.hours_over
),

teams as (
    select * from {{ source('landing', 'teams') }}
),

budgets as (
    select * from {{ ref('mart_budget_status_hourly') }}
    where is_latest
),

crossed as (
    {%- for limit in ['hard', 'soft'] %}
    select
        budget_id,
        scope,
        scope_id,
        only_environment,
        control_layer,
        budget_month,
        '{{ limit }}' as limit_kind,
        {{ limit }}_crossed_at as crossed_at
    from budgets
    where {{ limit }}_crossed_at is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- a limit reached before had stopped it at once, an alert told before tells nothing of it
caught as (
    select * from (
        select
            runaways.axis as of_axis,
            runaways.entity as of_entity,
            runaways.first_hour as of_hour,
            crossed.budget_id,
            crossed.control_layer,
            crossed.limit_kind,
            least(greatest(crossed.crossed_at, runaways.first_seen_at), runaways.last_seen_at) as caught_at,
            row_number() over (
                partition by runaways.axis, runaways.entity, runaways.first_hour
                order by
                    greatest(crossed.crossed_at, runaways.first_seen_at) nulls last,
                    crossed.control_layer nulls last, crossed.limit_kind nulls last, crossed.budget_id nulls last
            ) as place
        from runaways
        inner join crossed
            on
                crossed.crossed_at < runaways.last_hour + interval 1 hour
                and crossed.budget_month >= date_trunc('month', runaways.first_hour)
                and (crossed.limit_kind = 'hard' or crossed.crossed_at >= runaways.first_hour)
                and (
                    crossed.only_environment is null
                    or lower(crossed.only_environment) = lower(runaways.environment)
                )
                and case crossed.scope
                    when 'company' then true
                    when 'credential' then crossed.scope_id = runaways.key_name
                    {%- for scope, column in budget_columns() %}
                    when '{{ scope }}'
                        then {% if column == 'sub_account' %}crossed.scope_id = runaways.sub_account
                        {%- else %}lower(crossed.scope_id) = lower(runaways.{{ column }}){% endif %}
                    {%- endfor %}
                end
    ) as ranked
    where place = 1
),

final as (
    select
        {{ key_of(['runaways.axis', 'runaways.entity', 'runaways.first_hour'], numbers=['runaways.first_hour']) }} as runaway_id,
        runaways.axis,
        runaways.entity,
        case
            when runaways.is_loop then 'loop'
            when runaways.compared_with = 'new' then 'new'
            else 'unusual'
        end as signature,
        runaways.measure,
        runaways.first_seen_at,
        cast(runaways.first_hour + interval 1 hour as timestamp) as detected_at,
        runaways.last_seen_at,
        cast(runaways.hours_over as bigint) as hours_over,
        runaways.is_open,
        runaways.source,
        runaways.key_name,
        runaways.provider,
        runaways.billing_account,
        runaways.sub_account,
        runaways.model,
        runaways.user_id,
        {{ owner_columns('runaways') }},
        teams.owner_email as call_owner,
        runaways.requests,
        runaways.tokens,
        runaways.unpriced_requests,
        runaways.unpriced_quantity,
        {{ known_of('runaways.list_cost_pico', 'runaways') }} as list_cost,
        {{ known_of('runaways.first_excess_pico', 'runaways') }} as exposure_at_detection,
        {{ known_of('runaways.excess_pico', 'runaways') }} as exposure_so_far,
        {{ known_of(
            'runaways.excess_pico + case when runaways.is_open then '
            ~ split_floor('runaways.rate_pico', 'runaways.minutes_to_morning', '60') ~ ' else 0 end',
            'runaways'
        ) }} as exposure_by_morning,
        caught.control_layer as first_layer,
        caught.budget_id as first_budget_id,
        caught.limit_kind as first_limit,
        caught.caught_at as first_layer_at
    from runaways
    left join caught
        on
            runaways.axis = caught.of_axis
            and runaways.entity = caught.of_entity
            and runaways.first_hour = caught.of_hour
    left join teams
        on
            runaways.team = teams.team_id
            and teams.valid_from <= runaways.first_seen_at
            and runaways.first_seen_at < teams.valid_to
)

select * from final
