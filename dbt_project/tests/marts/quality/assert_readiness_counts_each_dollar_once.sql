-- Fails if mart_owner_readiness does not count, per month and provider, exactly the billed money of residuals
--.
with expected as (
    select billing_month, provider, {{ from_pico('sum(billed_pico)') }} as billed_cost
    from {{ ref('int_allocations') }}
    where residual_cause is not null and team = '__unallocated__'
    group by billing_month, provider
),

found as (
    select billing_month, provider, sum(counted_cost) as counted_cost
    from {{ ref('mart_owner_readiness') }}
    group by billing_month, provider
)

select
    coalesce(expected.billing_month, found.billing_month) as billing_month,
    coalesce(expected.provider, found.provider) as provider
from expected
full outer join found
    on expected.billing_month = found.billing_month and expected.provider = found.provider
where coalesce(expected.billed_cost, 0) <> coalesce(found.counted_cost, 0)
