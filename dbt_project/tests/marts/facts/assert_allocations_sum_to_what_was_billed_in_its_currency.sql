-- Fails if the allocations of a charge do not sum to it in the currency that it was billed in.
with charges as (
    select charge_id, billing_currency, fx_rate_id, billed_cost_in_billing_currency
    from {{ ref('fct_charges') }}
),

allocated as (
    select
        charge_id,
        min(billing_currency) as billing_currency,
        min(fx_rate_id) as fx_rate_id,
        max(fx_rate_id) as last_fx_rate_id,
        sum(billed_cost_in_billing_currency) as billed_cost_in_billing_currency
    from {{ ref('fct_cost_allocations') }}
    group by charge_id
)

select charges.charge_id
from charges
left join allocated on charges.charge_id = allocated.charge_id
where
    allocated.billed_cost_in_billing_currency is distinct from charges.billed_cost_in_billing_currency
    or allocated.billing_currency is distinct from charges.billing_currency
    or allocated.fx_rate_id is distinct from charges.fx_rate_id
    or allocated.last_fx_rate_id is distinct from charges.fx_rate_id
