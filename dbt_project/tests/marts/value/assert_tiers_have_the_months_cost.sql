-- Fails if the tiers of a month have not, together, what its owners cost.
with tiers as (
    select
        showback_month,
        sum(billed_cost + coalesce(estimated_cost, 0) + shared_cost) as cost
    from {{ ref('mart_tier_margin_monthly') }}
    group by showback_month
),

owners as (
    select
        showback_month,
        sum(billed_cost + coalesce(estimated_cost, 0) + shared_cost) as cost
    from {{ ref('mart_showback_monthly') }}
    where line_kind = 'owner'
    group by showback_month
)

select
    owners.showback_month,
    owners.cost,
    tiers.cost as cost_of_tiers
from owners
full outer join tiers on owners.showback_month = tiers.showback_month
where owners.cost is distinct from tiers.cost
