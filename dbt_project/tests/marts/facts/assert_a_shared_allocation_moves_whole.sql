-- Fails if the first step that takes an allocation does not take all of it.
with allocations as (
    select allocation_id, {{ basis_cost() }} as cost from {{ ref('fct_cost_allocations') }}
),

moves as (
    select
        *,
        min(step) over (partition by allocation_id) as first_step
    from {{ ref('fct_shared_cost_moves') }}
),

taken as (
    select
        allocation_id,
        -sum(amount) as amount
    from moves
    where side = 'out' and step = first_step
    group by allocation_id
)

select taken.allocation_id
from taken
left join allocations on taken.allocation_id = allocations.allocation_id
where allocations.cost is distinct from taken.amount
