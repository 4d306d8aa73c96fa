-- Fails if the allocations of a charge do not sum to the charge, in the workspace's currency and in the one
-- that it was billed in, or allocate a charge that is not.
with charges as (
    select charge_id, billing_currency, fx_rate_id, billed_cost, billed_cost_in_billing_currency
    from {{ ref('fct_charges') }}
),

allocated as (
    select
        charge_id,
        sum(billed_cost) as billed_cost,
        min(billing_currency) as billing_currency,
        min(fx_rate_id) as fx_rate_id,
        max(fx_rate_id) as last_fx_rate_id,
        sum(billed_cost_in_billing_currency) as billed_cost_in_billing_currency
    from {{ ref('fct_cost_allocations') }}
    where charge_id not like 'estimate:%' and charge_id not like 'unbilled:%'
    group by charge_id
)

select
    coalesce(charges.charge_id, allocated.charge_id) as charge_id,
    charges.billed_cost,
    allocated.billed_cost as allocated_cost,
    charges.billing_currency,
    charges.billed_cost_in_billing_currency,
    allocated.billed_cost_in_billing_currency as allocated_in_billing_currency
from charges
full outer join allocated on charges.charge_id = allocated.charge_id
where
    charges.billed_cost is distinct from allocated.billed_cost
    or allocated.billed_cost_in_billing_currency is distinct from charges.billed_cost_in_billing_currency
    or allocated.billing_currency is distinct from charges.billing_currency
    or allocated.fx_rate_id is distinct from charges.fx_rate_id
    or allocated.last_fx_rate_id is distinct from charges.fx_rate_id
