-- One row per billing month x team x cost centre: what the team is charged. Direct cost is money
-- that requests explain, residual cost what none explains under the owner of its credential; the
-- rest stays with __unallocated__. total = direct + residual + shared + correction.
with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
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

costed as (
    select
        allocations.billing_month,
        allocations.team,
        coalesce(teams.cost_center, '__unallocated__') as cost_center,
        allocations.{{ 'effective_cost' if var('chargeback_basis') == 'effective' else 'billed_cost' }} as cost,
        allocations.estimated_cost,
        allocations.residual_cause
    from allocations
    left join teams
        on
            allocations.team = teams.team_id
            and teams.valid_from <= allocations.usage_date
            and allocations.usage_date < teams.valid_to
),

summed as (
    select
        billing_month,
        team,
        cost_center,
        coalesce(sum(cost) filter (where residual_cause is null), 0) as direct_cost,
        coalesce(sum(cost) filter (where residual_cause is not null), 0) as residual_cost,
        cast(0 as decimal(38, 12)) as shared_cost,
        cast(0 as decimal(38, 12)) as correction_cost,
        coalesce(sum(estimated_cost), 0) as estimated_cost
    from costed
    group by billing_month, team, cost_center
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
