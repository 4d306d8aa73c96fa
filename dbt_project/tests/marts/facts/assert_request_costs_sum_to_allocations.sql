-- Fails if the requests' shares of an allocation do not sum to it.
with shares as (
    select
        allocation_id,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum(estimated_cost) as estimated_cost
    from {{ ref('fct_request_costs') }}
    group by allocation_id
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where cell_id is not null
)

select coalesce(shares.allocation_id, allocations.allocation_id) as allocation_id
from shares
full outer join allocations on shares.allocation_id = allocations.allocation_id
where
    shares.billed_cost is distinct from allocations.billed_cost
    or shares.effective_cost is distinct from allocations.effective_cost
    or shares.estimated_cost is distinct from allocations.estimated_cost
