-- Fails if used only, fully loaded or reserved share of a pool and day is not what was charged for it,
-- or if its use and idle money is not what was allocated.
with views as (
    select
        usage_date,
        pool,
        sum(used_only_cost) as used_only_cost,
        sum(fully_loaded_cost) as fully_loaded_cost,
        sum(reserved_share_cost) as reserved_share_cost,
        sum(idle_cost) as idle_cost
    from {{ ref('mart_capacity_daily') }}
    group by usage_date, pool
),

pools as (
    select charge_id, pool from {{ ref('int_capacity_charges') }}
),

charges as (
    select
        cast(charges.charge_period_start as date) as usage_date,
        pools.pool,
        sum(charges.billed_cost) as cost
    from {{ ref('fct_charges') }} as charges
    inner join pools on charges.charge_id = pools.charge_id
    where charges.charge_period_start >= (select since from {{ ref('int_since') }})
    group by 1, 2
),

idle as (
    select
        allocations.usage_date,
        pools.pool,
        sum(allocations.billed_cost) as idle_cost
    from {{ ref('fct_cost_allocations') }} as allocations
    inner join pools on allocations.charge_id = pools.charge_id
    where allocations.residual_cause = 'idle_capacity'
    group by 1, 2
)

select charges.*
from charges
full outer join views on charges.usage_date = views.usage_date and charges.pool = views.pool
left join idle on charges.usage_date = idle.usage_date and charges.pool = idle.pool
where
    charges.cost is distinct from views.used_only_cost
    or charges.cost is distinct from views.fully_loaded_cost
    or charges.cost is distinct from views.reserved_share_cost
    or views.idle_cost is distinct from coalesce(idle.idle_cost, 0)
