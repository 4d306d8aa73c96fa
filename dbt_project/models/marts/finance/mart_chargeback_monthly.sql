-- One row per billing month x provider x billing account x team x cost centre: what the team is charged of
-- an account's invoice. Direct cost is money that requests explain, residual cost what none explains under
-- the owner of its credential; the rest stays with __unallocated__. total = direct + residual + shared +
-- correction + timing. With the basis `effective`, timing is what the account's invoices of the month have
-- more or less than the teams' amortised money: one line of __unallocated__, so that the month is the
-- invoices'. The cost centre is the team's in the hour of use, or on the day of what has none; in one that
-- begins within it, the first. The team's name is its last one on that row.
with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
),

moves as (
    select * from {{ ref('fct_shared_cost_moves') }}
),

teams as (
    select * from {{ source('landing', 'teams') }}
),

incomplete_months as (
    select distinct billing_month from {{ ref('mart_month_completeness') }}
    where is_incomplete
),

-- of what is true of a month the first says its status
months as (
    select
        reconciliation.billing_month,
        case
            when count(*) filter (where reconciliation.unexplained <> 0) > 0 then 'not_tied'
            when count(incomplete_months.billing_month) > 0 then 'incomplete'
            when
                count(*) filter (
                    where
                        reconciliation.invoice_status = 'missing'
                        or coalesce(reconciliation.estimated_cost, 1) <> 0
                ) > 0
                then 'estimated'
            else 'billed'
        end as status
    from {{ ref('mart_reconciliation_monthly') }} as reconciliation
    left join incomplete_months on reconciliation.billing_month = incomplete_months.billing_month
    group by reconciliation.billing_month
),

lines as (
    select
        billing_month,
        provider,
        billing_account,
        usage_date,
        usage_hour,
        team,
        case when residual_cause is null then {{ basis_cost() }} else 0 end as direct_cost,
        case when residual_cause is not null then {{ basis_cost() }} else 0 end as residual_cost,
        cast(0 as decimal(38, 12)) as shared_cost,
        cast(0 as decimal(38, 12)) as timing_cost,
        estimated_cost,
        quantity
    from allocations
    union all
    select
        moves.billing_month,
        allocations.provider,
        allocations.billing_account,
        moves.usage_date,
        allocations.usage_hour,
        moves.team,
        0,
        0,
        moves.amount,
        0,
        0,
        0
    from moves
    inner join allocations on moves.allocation_id = allocations.allocation_id
    {%- if var('chargeback_basis') == 'effective' %}
    union all
    select
        billing_month,
        provider,
        billing_account,
        usage_date,
        usage_hour,
        '__unallocated__',
        0,
        0,
        0,
        billed_cost - effective_cost,
        0,
        0
    from allocations
    where billed_cost <> effective_cost
    {%- endif %}
),

timed as (
    select
        *,
        coalesce(usage_hour, cast(usage_date as timestamp)) as used_from,
        coalesce(usage_hour + interval 1 hour, usage_date + interval 1 day) as used_until
    from lines
),

cost_centers as (
    select
        used.team,
        used.used_from,
        used.used_until,
        min_by(teams.cost_center, teams.valid_from) as cost_center,
        min_by(teams.team_name, teams.valid_from) as team_name,
        min(teams.valid_from) as named_from
    from (select distinct team, used_from, used_until from timed) as used
    inner join teams
        on
            used.team = teams.team_id
            and teams.valid_from < used.used_until
            and used.used_from < teams.valid_to
    group by used.team, used.used_from, used.used_until
),

summed as (
    select
        timed.billing_month,
        timed.provider,
        timed.billing_account,
        timed.team,
        max_by(cost_centers.team_name, cost_centers.named_from) as team_name,
        coalesce(cost_centers.cost_center, '__unallocated__') as cost_center,
        sum(timed.direct_cost) as direct_cost,
        sum(timed.residual_cost) as residual_cost,
        sum(timed.shared_cost) as shared_cost,
        cast(0 as decimal(38, 12)) as correction_cost,
        sum(timed.timing_cost) as timing_cost,
        {{ known_estimate(unpriced_quantity()) }} as estimated_cost,
        {{ unpriced_quantity() }} as unpriced_quantity
    from timed
    left join cost_centers
        on
            timed.team = cost_centers.team
            and timed.used_from = cost_centers.used_from
            and timed.used_until = cost_centers.used_until
    group by
        timed.billing_month,
        timed.provider,
        timed.billing_account,
        timed.team,
        coalesce(cost_centers.cost_center, '__unallocated__')
),

final as (
    select
        summed.billing_month,
        summed.provider,
        summed.billing_account,
        summed.team,
        summed.team_name,
        summed.cost_center,
        summed.direct_cost,
        summed.residual_cost,
        summed.shared_cost,
        summed.correction_cost,
        summed.timing_cost,
        summed.direct_cost + summed.residual_cost + summed.shared_cost + summed.correction_cost
        + summed.timing_cost as total_cost,
        summed.estimated_cost,
        summed.unpriced_quantity,
        '{{ var("currency") }}' as currency,
        'showback' as phase,
        months.status
    from summed
    inner join months on summed.billing_month = months.billing_month
)

select * from final
