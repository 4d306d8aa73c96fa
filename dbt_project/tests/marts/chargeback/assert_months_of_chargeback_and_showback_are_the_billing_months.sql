-- Fails if a month's chargeback without corrections of others, or a showback month with its calendar line, is
-- not what was allocated in that billing month; of a closed month's chargeback, what its ledger allocated.
with reconciled as (
    select billing_month, sum(allocated) as cost
    from {{ ref('mart_reconciliation_monthly') }}
    group by billing_month
),

closed as (
    select billing_month, sum(amount) as cost
    from {{ source('ledger', 'closed_lines') }}
    group by billing_month
),

to_charge as (
    select * from closed
    union all
    select billing_month, cost
    from reconciled
    where billing_month not in (select billing_month from closed)
),

charged as (
    select billing_month, sum(total_cost - correction_cost) as cost
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

select 'chargeback' as relation, coalesce(to_charge.billing_month, charged.billing_month) as billing_month
from to_charge
full outer join charged on to_charge.billing_month = charged.billing_month
where coalesce(to_charge.cost, 0) <> coalesce(charged.cost, 0)
union all
select 'showback', coalesce(showback.billing_month, billed.billing_month)
from showback
full outer join billed on showback.billing_month = billed.billing_month
where coalesce(showback.cost, 0) <> coalesce(billed.cost, 0)
