-- Fails if the requests or the explained money of a day are not all on its features.
with units as (
    select
        usage_date,
        sum(requests) as requests,
        sum(billed_cost) as billed_cost
    from {{ ref('mart_unit_cost_daily') }}
    group by usage_date
),

daily as (
    select
        usage_date,
        sum(requests) as requests,
        sum(billed_cost - residual_cost) as billed_cost
    from {{ ref('fct_cost_daily') }}
    group by usage_date
    having sum(requests) > 0
)

select
    daily.usage_date,
    daily.requests,
    units.requests as requests_of_features,
    daily.billed_cost,
    units.billed_cost as billed_of_features
from daily
full outer join units on daily.usage_date = units.usage_date
where
    daily.requests is distinct from units.requests
    or daily.billed_cost is distinct from units.billed_cost
