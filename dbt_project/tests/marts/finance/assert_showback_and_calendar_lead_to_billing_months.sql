-- Fails if a showback month with its calendar line is not the billing month.
with showback as (
    select showback_month as billing_month, sum(billed_cost) as cost
    from {{ ref('mart_showback_monthly') }}
    group by showback_month
),

billed as (
    select billing_month, sum(billed_cost) as cost
    from {{ ref('fct_cost_allocations') }}
    group by billing_month
)

select coalesce(showback.billing_month, billed.billing_month) as billing_month
from showback
full outer join billed on showback.billing_month = billed.billing_month
where coalesce(showback.cost, 0) <> coalesce(billed.cost, 0)
