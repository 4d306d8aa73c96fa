-- Fails if a step of spreading shared costs adds or loses money, in any month or of any allocation, or if
-- the first step that takes an allocation does not take all of it.
with allocations as (
    select allocation_id, {{ basis_cost() }} as cost from {{ ref('fct_cost_allocations') }}
),

moves as (
    select
        *,
        min(step) over (partition by allocation_id) as first_step
    from {{ ref('fct_shared_cost_moves') }}
),

steps as (
    select allocation_id, step, sum(amount) as amount
    from moves
    group by allocation_id, step
),

taken as (
    select allocation_id, -sum(amount) as amount
    from moves
    where side = 'out' and step = first_step
    group by allocation_id
)

select 'step ' || step || ' does not sum to 0: ' || allocation_id as problem
from steps
where amount <> 0
union all
select 'is not taken whole: ' || taken.allocation_id
from taken
left join allocations on taken.allocation_id = allocations.allocation_id
where allocations.cost is distinct from taken.amount
