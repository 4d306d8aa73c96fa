-- Fails if a month's chargeback is not what was allocated in that billing month.
with allocated as (
    select billing_month, sum(allocated) as cost
    from {{ ref('mart_reconciliation_monthly') }}
    group by billing_month
),

charged as (
    select billing_month, sum(total_cost) as cost
    from {{ ref('mart_chargeback_monthly') }}
    group by billing_month
)

select coalesce(allocated.billing_month, charged.billing_month) as billing_month
from allocated
full outer join charged on allocated.billing_month = charged.billing_month
where coalesce(allocated.cost, 0) <> coalesce(charged.cost, 0)
