-- One row per budget and UTC hour with use in its scope, and the hour to which a month has come: how much of the month's budget is used, when a limit was
-- reached, how fast it goes, and when it will be used up. Money is what is billed, and what is estimated where no bill
-- is there yet; units are what was logged. Months are UTC's, as providers and gateways reset their limits. Money
-- without an hour stands in the last of its day. A user or customer has what its requests cost by contract, else by list:
-- they are in no cell. Of everybody (`*`) there are the hundred who used most in each month.
with lines as (
    select
        *,
        {{ to_pico('expected') }} as expected_pico,
        {{ to_pico('budget') }} as budget_pico,
        {{ to_pico('soft_limit') }} as soft_pico,
        {{ to_pico('hard_limit') }} as hard_pico
    from {{ ref('dim_budgets') }}
),

now as (
    {{ newest_hour_of(ref('int_cells')) }}
),

persons as (
    select distinct
        budget_id as line_id,
        scope,
        scope_id,
        only_environment,
        unit
    from lines
    where scope in ('user', 'customer') and unit <> 'gpu_seconds'
),

-- of persons the newest month and the one before it: requests of all history are too many to read in each run
first_days as (
    select cast(date_trunc('month', newest_hour) - interval 1 month as date) as first_day from now
),

-- none where no budget names a person: what is read of days below is read of none
days_of_persons as (
    select distinct cells.usage_date
    from {{ ref('int_cells') }} as cells
    inner join first_days on cells.usage_date >= first_days.first_day
    where exists (select 1 from persons)
),

requests_of_persons as (
    {%- for scope, column in [('user', 'user_id'), ('customer', 'customer')] %}
    {%- for name in ['requests.' ~ column, 'case when requests.' ~ column ~ " is not null then '*' end"] %}
    select
        persons.*,
        requests.{{ column }} as person,
        requests.request_key,
        requests.usage_date,
        requests.usage_hour,
        requests.feature,
        requests.model,
        requests.environment,
        requests.http_status,
        requests.error_class,
        {{ to_pico('coalesce(requests.contracted_cost, requests.list_cost)') }} as cost_pico,
        case when requests.is_tool_call is true then 0 else 1 end as requests,
        {%- for meter in token_meters() %}
        coalesce(requests.{{ meter }}_quantity, 0){{ ' +' if not loop.last else ' as tokens' }}
        {%- endfor %}
    from {{ ref('fct_requests') }} as requests
    inner join persons
        on
            persons.scope = '{{ scope }}'
            and persons.scope_id = {{ name }}
            and (persons.only_environment is null or lower(persons.only_environment) = lower(requests.environment))
    where requests.usage_date in (select usage_date from days_of_persons)
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

-- of a request with a meter that has no price: what its others cost, and units without one, of whatever meter
partly_priced as (
    select
        request_key,
        usage_date,
        sum({{ to_pico('coalesce(contracted_cost, list_cost)') }}) as cost_pico,
        sum(quantity) filter (where coalesce(contracted_cost, list_cost) is null) as unpriced_quantity
    from {{ ref('fct_request_meters') }}
    where
        usage_date in (select usage_date from days_of_persons)
        and (request_key, usage_date) in (
            select
                request_key,
                usage_date
            from requests_of_persons
            where cost_pico is null
        )
    group by request_key, usage_date
),

uses_of_persons as (
    select
        uses.line_id,
        uses.scope_id = '*' as is_of_everybody,
        uses.person,
        concat_ws(':', uses.scope, uses.person, uses.unit, uses.only_environment) as budget_id,
        uses.usage_hour,
        date_trunc('month', uses.usage_hour) as month_start,
        uses.feature,
        uses.model,
        cast(
            case uses.unit
                when 'requests' then cast(sum(uses.requests) as decimal(38, 0)) * 1000000000000
                when 'tokens' then cast(sum(uses.tokens) as decimal(38, 0)) * 1000000000000
                else coalesce(sum(coalesce(uses.cost_pico, partly_priced.cost_pico)), 0)
            end as decimal(38, 0)
        ) as amount_pico,
        case
            when uses.unit in ('requests', 'tokens') then 0
            else coalesce(sum(partly_priced.unpriced_quantity), 0)
        end as unpriced_quantity,
        sum(uses.requests) as requests,
        coalesce(sum(uses.requests) filter (where uses.http_status = 429), 0) as blocked_requests,
        coalesce(sum(uses.requests) filter (where {{ is_refused_for_money() }}), 0) as billing_blocked_requests,
        coalesce(
            sum(uses.requests) filter (
                where {{ is_refused_for_money() }} and not {{ is_development('uses.environment') }}
            ), 0
        ) as refused_in_production
    from requests_of_persons as uses
    left join partly_priced
        on
            uses.cost_pico is null
            and uses.request_key = partly_priced.request_key
            and uses.usage_date = partly_priced.usage_date
    group by
        uses.line_id,
        uses.scope,
        uses.scope_id,
        uses.unit,
        uses.only_environment,
        uses.person,
        uses.usage_hour,
        uses.feature,
        uses.model
),

ranked_persons as (
    select
        budget_id,
        line_id,
        month_start,
        is_of_everybody,
        row_number() over (
            partition by line_id, month_start
            order by sum(amount_pico) desc nulls last, sum(unpriced_quantity) desc nulls last, budget_id nulls last
        ) as place
    from uses_of_persons
    group by budget_id, line_id, month_start, is_of_everybody
),

-- whoever has a line of its own is not everybody
parts_of_persons as (
    select uses.*
    from uses_of_persons as uses
    inner join ranked_persons as ranked
        on uses.line_id = ranked.line_id and uses.budget_id = ranked.budget_id and uses.month_start = ranked.month_start
    where
        not uses.is_of_everybody
        or (ranked.place <= 100 and uses.budget_id not in (select line_id from persons))
),

parts as (
    select
        budget_id,
        budget_id as line_id,
        cast(null as varchar) as person,
        usage_hour,
        feature,
        model,
        amount_pico,
        estimated_pico,
        unpriced_quantity,
        requests,
        blocked_requests,
        billing_blocked_requests,
        business_blocked_requests,
        date_trunc('month', usage_hour) as month_start
    from {{ ref('int_budget_uses') }}
    union all
    select
        budget_id,
        line_id,
        person,
        usage_hour,
        feature,
        model,
        amount_pico,
        0,
        unpriced_quantity,
        requests,
        blocked_requests,
        billing_blocked_requests,
        case when {{ is_business_hour('usage_hour') }} then refused_in_production else 0 end,
        month_start
    from parts_of_persons
),

belongs as (
    select
        budget_id,
        max(line_id) as line_id,
        max(person) as person
    from parts
    group by budget_id
),

-- where a month ends, or has come to by now: what was used long ago is told as of then
ends as (
    select
        parts.budget_id,
        parts.month_start,
        greatest(
            max(parts.usage_hour), least(parts.month_start + interval 1 month - interval 1 hour, max(now.newest_hour))
        ) as ends_at
    from parts
    cross join now
    group by parts.budget_id, parts.month_start
),

hours as (
    select
        budget_id,
        usage_hour,
        month_start,
        cast(sum(amount_pico) as decimal(38, 0)) as amount_pico,
        cast(sum(estimated_pico) as decimal(38, 0)) as estimated_pico,
        cast(sum(unpriced_quantity) as bigint) as unpriced_quantity,
        cast(sum(requests) as bigint) as requests,
        cast(sum(blocked_requests) as bigint) as blocked_requests,
        cast(sum(billing_blocked_requests) as bigint) as billing_blocked_requests,
        cast(sum(business_blocked_requests) as bigint) as business_blocked_requests
    from (
        select
            budget_id,
            usage_hour,
            month_start,
            amount_pico,
            estimated_pico,
            unpriced_quantity,
            requests,
            blocked_requests,
            billing_blocked_requests,
            business_blocked_requests
        from parts
        union all
        select
            budget_id,
            ends_at,
            month_start,
            0,
            0,
            0,
            0,
            0,
            0,
            0
        from ends
    ) as used
    group by budget_id, usage_hour, month_start
),

-- every day from a budget's first to its last
days as (
    select
        spans.budget_id,
        spans.day,
        cast(coalesce(sum(hours.amount_pico), 0) as decimal(38, 0)) as day_pico
    from (
        select
            budget_id,
            {{ each_day('cast(min(usage_hour) as date)', 'cast(max(usage_hour) as date) + interval 1 day') }} as day
        from hours
        group by budget_id
    ) as spans
    left join hours on spans.budget_id = hours.budget_id and spans.day = cast(hours.usage_hour as date)
    group by spans.budget_id, spans.day
),

weeks as (
    select
        days.budget_id,
        days.day,
        count(*) as days_before,
        sum(earlier.day_pico) as before_pico
    from days
    inner join days as earlier
        on
            days.budget_id = earlier.budget_id
            and earlier.day >= days.day - interval 7 day
            and earlier.day < days.day
    group by days.budget_id, days.day
    having count(*) > 1
),

-- how far each of the last seven whole days is from their mean, as a mean; of one day nothing is known
spreads as (
    select
        weeks.budget_id,
        weeks.day,
        {{ split_floor(
            'sum(abs(earlier.day_pico * weeks.days_before - weeks.before_pico))',
            '1',
            '(max(weeks.days_before) * max(weeks.days_before))',
        ) }} as spread_pico
    from weeks
    inner join days as earlier
        on
            weeks.budget_id = earlier.budget_id
            and earlier.day >= weeks.day - interval 7 day
            and earlier.day < weeks.day
    group by weeks.budget_id, weeks.day
),

running as (
    select
        hours.*,
        spreads.spread_pico,
        sum(hours.amount_pico) over month_so_far as used_pico,
        sum(hours.amount_pico) over month_so_far - hours.amount_pico as used_before_pico,
        sum(hours.estimated_pico) over month_so_far as estimated_used_pico,
        sum(hours.unpriced_quantity) over month_so_far as unpriced_so_far,
        sum(hours.blocked_requests) over month_so_far as blocked_so_far,
        greatest(
            sum(hours.amount_pico) over (
                partition by hours.budget_id
                order by hours.usage_hour nulls last
                range between interval 167 hour preceding and current row
            ), 0
        ) as week_pico,
        -- a day at least: the first hours say little of a month
        least(
            168,
            greatest(
                24, 1 + date_diff('hour', min(hours.usage_hour) over (partition by hours.budget_id), hours.usage_hour)
            )
        ) as week_hours,
        date_diff('hour', hours.usage_hour + interval 1 hour, hours.month_start + interval 1 month) as remaining_hours
    from hours
    left join spreads on hours.budget_id = spreads.budget_id and cast(hours.usage_hour as date) = spreads.day
    window month_so_far as (
        partition by hours.budget_id, hours.month_start order by hours.usage_hour nulls last
    )
),

held as (
    select
        {{ all_but('budget_id, scope_id', of='lines') }},
        coalesce(belongs.person, lines.scope_id) as scope_id,
        running.*,
        coalesce(lines.budget_pico, lines.hard_pico, lines.expected_pico) as exhaustion_pico,
        {{ is_business_hour('running.usage_hour') }} as is_business_hour,
        row_number() over (
            partition by running.budget_id, running.month_start order by running.usage_hour desc nulls last
        ) = 1 as is_latest
    from running
    inner join belongs on running.budget_id = belongs.budget_id
    inner join lines
        on
            belongs.line_id = lines.budget_id
            and lines.valid_from <= running.usage_hour
            and running.usage_hour < lines.valid_to
),

projected as (
    select
        *,
        {%- for name in ['soft', 'budget', 'hard', 'exhaustion'] %}
        min({{ crossed_at(name ~ '_pico') }}) over so_far as {{ name }}_crossed_at,
        {%- endfor %}
        {{ split_floor('week_pico', 'remaining_hours', 'week_hours') }} as to_come_pico,
        {{ split_floor('spread_pico', 'remaining_hours', '24') }} as to_come_spread_pico,
        {{ split_floor('spread_pico', 'week_hours', '24') }} as week_spread_pico,
        exhaustion_pico - used_pico as left_pico
    from held
    window so_far as (partition by budget_id, month_start order by usage_hour nulls last)
),

-- whose use grew most against the week before
causes as (
    select
        ends.budget_id,
        ends.month_start,
        parts.feature,
        parts.model,
        sum(case when parts.usage_hour > ends.ends_at - interval 168 hour then parts.amount_pico else 0 end)
            as recent_pico,
        sum(
            case
                when parts.usage_hour > ends.ends_at - interval 168 hour then parts.amount_pico
                else -parts.amount_pico
            end
        ) as growth_pico
    from ends
    inner join parts
        on
            ends.budget_id = parts.budget_id
            and parts.usage_hour > ends.ends_at - interval 336 hour
            and parts.usage_hour <= ends.ends_at
    group by ends.budget_id, ends.month_start, parts.feature, parts.model
),

main_causes as (
    select * from (
        select
            *,
            row_number() over (
                partition by budget_id, month_start
                order by
                    growth_pico desc nulls last, recent_pico desc nulls last, feature nulls last, model nulls last
            ) as place
        from causes
        where recent_pico > 0
    ) as ranked
    where place = 1
),

final as (
    select
        projected.budget_id,
        cast(projected.month_start as date) as budget_month,
        projected.usage_hour,
        projected.scope,
        projected.scope_id,
        projected.only_environment,
        projected.unit,
        projected.control_layer,
        projected.expected,
        projected.budget,
        projected.soft_limit,
        projected.hard_limit,
        projected.hard_above_budget,
        case
            when projected.amount_pico <> 0 or projected.unpriced_quantity = 0
                then {{ from_pico('projected.amount_pico') }}
        end as amount,
        {{ from_pico('projected.used_pico') }} as used,
        {{ from_pico('projected.estimated_used_pico') }} as estimated_used,
        cast(projected.unpriced_so_far as bigint) as unpriced_quantity,
        projected.requests,
        projected.blocked_requests,
        projected.billing_blocked_requests,
        case when projected.is_business_hour is not null then projected.business_blocked_requests end
            as business_blocked_requests,
        projected.is_business_hour,
        projected.soft_crossed_at,
        projected.budget_crossed_at,
        projected.hard_crossed_at,
        case
            -- whoever waits for an answer is not told to wait longer
            when
                projected.used_pico >= coalesce(projected.hard_pico, projected.budget_pico)
                and (
                    coalesce(not projected.is_business_hour, true)
                    or {{ is_development('projected.only_environment') }}
                )
                then 'queue'
            when
                projected.used_pico >= least(projected.expected_pico, coalesce(projected.hard_pico, projected.budget_pico))
                then 'cache_only'
            when projected.used_pico >= projected.soft_pico then 'cheaper_model'
            else 'normal'
        end as degrade_stage,
        {{ from_pico(split_floor('projected.week_pico', '1', 'projected.week_hours')) }} as burn_per_hour,
        {{ from_pico('projected.used_pico + projected.to_come_pico') }} as projected_month_end,
        case
            when projected.to_come_spread_pico is not null
                then {{ from_pico(
                    'projected.used_pico + greatest(projected.to_come_pico - projected.to_come_spread_pico, 0)'
                ) }}
        end as projected_low,
        {{ from_pico('projected.used_pico + projected.to_come_pico + projected.to_come_spread_pico') }}
            as projected_high,
        coalesce(
            projected.exhaustion_crossed_at, {{ used_up_at('left_pico', 'week_pico', 'week_hours') }}
        ) as exhausted_at,
        coalesce(
            projected.exhaustion_crossed_at,
            {{ used_up_at('left_pico', '(week_pico + week_spread_pico)', 'week_hours') }}
        ) as exhausted_earliest,
        coalesce(
            projected.exhaustion_crossed_at,
            {{ used_up_at('left_pico', 'greatest(week_pico - week_spread_pico, 0)', 'week_hours') }}
        ) as exhausted_latest,
        projected.is_latest,
        case when projected.is_latest then main_causes.feature end as cause_feature,
        case when projected.is_latest then main_causes.model end as cause_model,
        case when projected.is_latest then {{ from_pico('main_causes.growth_pico') }} end as cause_growth
    from projected
    left join main_causes
        on projected.budget_id = main_causes.budget_id and projected.month_start = main_causes.month_start
)

select * from final
