-- Fails if an allocation is billed and estimated at once, or a residual is estimated.
select *
from {{ ref('fct_cost_allocations') }}
where
    (cost_basis = 'billed' and estimated_cost <> 0)
    or (cost_basis = 'estimated' and (billed_cost <> 0 or effective_cost <> 0))
    or (residual_cause is not null and cost_basis <> 'billed')
