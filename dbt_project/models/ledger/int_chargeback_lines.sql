{{ config(materialized='view') }}
-- One row per allocation, per side of a move of a shared cost, and with the basis `effective` per allocation
-- whose invoice is not of its month (timing): what a team is charged, under its cost centre. The cost centre
-- is the team's in the hour of use, or on the day of what has none; in one that begins within it, the first.
-- Whoever reads it asks for some months or columns: held once for its two branches it would be whole each time.
with allocations as not materialized (
    select * from {{ ref('fct_cost_allocations') }}
    where match_level is distinct from 'never_billed'
),

moves as (
    select * from {{ ref('fct_shared_cost_moves') }}
),

teams as (
    select * from {{ ref('dim_teams') }}
),

lines as (
    select
        billing_month,
        provider,
        billing_account,
        allocation_id,
        charge_id,
        cell_id,
        usage_date,
        usage_hour,
        team,
        feature,
        case when residual_cause is null then 'direct' else 'residual' end as component,
        residual_cause,
        meter,
        cost_basis,
        {{ basis_cost() }} as amount,
        estimated_cost,
        quantity
    from allocations
    union all
    select
        moves.billing_month,
        allocations.provider,
        allocations.billing_account,
        moves.allocation_id,
        moves.charge_id,
        null,
        moves.usage_date,
        allocations.usage_hour,
        moves.team,
        moves.feature,
        'shared',
        null,
        null,
        allocations.cost_basis,
        moves.amount,
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
        allocation_id,
        charge_id,
        null,
        usage_date,
        usage_hour,
        '__unallocated__',
        '__unallocated__',
        'timing',
        null,
        null,
        cost_basis,
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

final as (
    select
        timed.billing_month,
        timed.provider,
        timed.billing_account,
        timed.allocation_id,
        timed.charge_id,
        timed.cell_id,
        timed.usage_date,
        timed.team,
        teams.team_name,
        teams.valid_from as named_from,
        coalesce(teams.cost_center, '__unallocated__') as cost_center,
        timed.feature,
        timed.component,
        timed.residual_cause,
        timed.meter,
        timed.cost_basis,
        timed.amount,
        timed.estimated_cost,
        timed.quantity
    from timed
    {{ join_teams('timed') }}
)

select * from final
