-- Fails if a month's chargeback, or a showback month with its calendar line, is not what was allocated in
-- that billing month.
with reconciled as (
    select billing_month, sum(allocated) as cost
    from {{ ref('mart_reconciliation_monthly') }}
    group by billing_month
),

charged as (
    select billing_month, sum(total_cost) as cost
    from {{ ref('mart_chargeback_monthly') }}
    group by billing_month
),

showback as (
    select showback_month as billing_month, sum(billed_cost) as cost
    from {{ ref('mart_showback_monthly') }}
    group by showback_month
),

billed as (
    select billing_month, sum(billed_cost) as cost
    from {{ ref('fct_cost_allocations') }}
    group by billing_month
)

select 'chargeback' as relation, coalesce(reconciled.billing_month, charged.billing_month) as billing_month
from reconciled
full outer join charged on reconciled.billing_month = charged.billing_month
where coalesce(reconciled.cost, 0) <> coalesce(charged.cost, 0)
union all
select 'showback', coalesce(showback.billing_month, billed.billing_month)
from showback
full outer join billed on showback.billing_month = billed.billing_month
where coalesce(showback.cost, 0) <> coalesce(billed.cost, 0)
