-- One row per showback month x team x feature x unit (`user`, `run`) x agent x workflow: how many there were, and what one
-- cost by contract, else by list (docs/decisions.md, 139): as a mean, in the middle, and in 19 of 20 cases at most. Users
-- are those of all agents together. A run over midnight is one of each day.
with used as (
    select * from {{ ref('int_users_and_runs_daily') }}
),

users as (
    select
        showback_month,
        team,
        feature,
        used_by,
        cast(sum(requests) as bigint) as requests,
        cast(sum(cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(requests_unpriced) as bigint) as requests_unpriced
    from used
    where unit = 'user'
    group by showback_month, team, feature, used_by
),

alike as (
    select
        showback_month,
        team,
        feature,
        'user' as unit,
        '__all__' as agent,
        '__all__' as workflow,
        case when requests_unpriced = 0 then cost_pico end as size_pico,
        count(*) as units,
        cast(sum(requests) as bigint) as requests,
        cast(sum(cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(requests_unpriced) as bigint) as requests_unpriced
    from users
    group by 1, 2, 3, 4, 5, 6, 7
    union all
    select
        showback_month,
        team,
        feature,
        'run' as unit,
        coalesce(agent, '__unknown__') as agent,
        coalesce(workflow, '__unknown__') as workflow,
        run_cost_pico as size_pico,
        cast(sum(runs) as bigint) as units,
        cast(sum(requests) as bigint) as requests,
        cast(sum(cost_pico) as decimal(38, 0)) as cost_pico,
        cast(sum(requests_unpriced) as bigint) as requests_unpriced
    from used
    where unit = 'run'
    group by 1, 2, 3, 4, 5, 6, 7
),

placed as (
    select
        *,
        sum(units) over (
            partition by showback_month, team, feature, unit, agent, workflow order by size_pico nulls last
        ) as units_up_to,
        sum(units) over (partition by showback_month, team, feature, unit, agent, workflow) as all_units
    from alike
),

summed as (
    select
        showback_month,
        team,
        feature,
        unit,
        agent,
        workflow,
        cast(sum(units) as bigint) as units,
        cast(sum(requests) as bigint) as requests,
        cast(sum(requests_unpriced) as bigint) as requests_unpriced,
        cast(sum(cost_pico) as decimal(38, 0)) as cost_pico,
        min(size_pico) filter (where 2 * units_up_to >= all_units) as p50_pico,
        min(size_pico) filter (where 20 * units_up_to >= 19 * all_units) as p95_pico
    from placed
    group by showback_month, team, feature, unit, agent, workflow
),

final as (
    select
        showback_month,
        team,
        feature,
        unit,
        agent,
        workflow,
        units,
        requests,
        requests_unpriced,
        {{ from_pico('cost_pico') }} as contracted_cost,
        case
            when units > 0 and requests_unpriced = 0 then {{ from_pico(split_floor('cost_pico', '1', 'units')) }}
        end as cost_per_unit,
        case when units > 0 and requests_unpriced = 0 then {{ from_pico('p50_pico') }} end as cost_per_unit_p50,
        case when units > 0 and requests_unpriced = 0 then {{ from_pico('p95_pico') }} end as cost_per_unit_p95,
        '{{ var("currency") }}' as currency
    from summed
)

select * from final
