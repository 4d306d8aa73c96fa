-- Fails if the allocations of a charge do not sum to the charge, or allocate a charge that is not.
with charges as (
    select charge_id, billed_cost from {{ ref('fct_charges') }}
),

allocated as (
    select charge_id, sum(billed_cost) as billed_cost
    from {{ ref('fct_cost_allocations') }}
    where charge_id not like 'estimate:%' and charge_id not like 'unbilled:%'
    group by charge_id
)

select
    coalesce(charges.charge_id, allocated.charge_id) as charge_id,
    charges.billed_cost,
    allocated.billed_cost as allocated_cost
from charges
full outer join allocated on charges.charge_id = allocated.charge_id
where charges.billed_cost is distinct from allocated.billed_cost
