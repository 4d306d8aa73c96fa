-- One row per billing month x team x cost centre: what the team is charged. Direct cost is money
-- that requests explain, residual cost what none explains under the owner of its credential; the
-- rest stays with __unallocated__. total = direct + residual + shared + correction.
{%- set basis = 'effective_cost' if var('chargeback_basis') == 'effective' else 'billed_cost' %}
with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
),

moves as (
    select * from {{ ref('fct_shared_cost_moves') }}
),

teams as (
    select * from {{ ref('stg_reference__teams') }}
),

months as (
    select
        billing_month,
        case
            when count(*) filter (where unexplained <> 0) > 0 then 'not_tied'
            when
                count(*) filter (where invoice_status = 'missing' or coalesce(estimated_cost, 1) <> 0)
                > 0
                then 'estimated'
            else 'billed'
        end as status
    from {{ ref('mart_reconciliation_monthly') }}
    group by billing_month
),

lines as (
    select
        billing_month,
        usage_date,
        team,
        case when residual_cause is null then {{ basis }} else 0 end as direct_cost,
        case when residual_cause is not null then {{ basis }} else 0 end as residual_cost,
        cast(0 as decimal(38, 12)) as shared_cost,
        estimated_cost
    from allocations
    union all
    select
        billing_month,
        usage_date,
        team,
        0,
        0,
        amount,
        0
    from moves
),

summed as (
    select
        lines.billing_month,
        lines.team,
        coalesce(teams.cost_center, '__unallocated__') as cost_center,
        sum(lines.direct_cost) as direct_cost,
        sum(lines.residual_cost) as residual_cost,
        sum(lines.shared_cost) as shared_cost,
        cast(0 as decimal(38, 12)) as correction_cost,
        coalesce(sum(lines.estimated_cost), 0) as estimated_cost
    from lines
    left join teams
        on
            lines.team = teams.team_id
            and teams.valid_from <= lines.usage_date
            and lines.usage_date < teams.valid_to
    group by lines.billing_month, lines.team, coalesce(teams.cost_center, '__unallocated__')
),

final as (
    select
        summed.billing_month,
        summed.team,
        summed.cost_center,
        summed.direct_cost,
        summed.residual_cost,
        summed.shared_cost,
        summed.correction_cost,
        summed.direct_cost + summed.residual_cost + summed.shared_cost + summed.correction_cost
            as total_cost,
        summed.estimated_cost,
        '{{ var("currency") }}' as currency,
        'showback' as phase,
        months.status
    from summed
    inner join months on summed.billing_month = months.billing_month
)

select * from final
