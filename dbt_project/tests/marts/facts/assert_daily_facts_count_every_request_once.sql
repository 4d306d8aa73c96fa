-- Fails if the daily facts do not count the requests, each once.
with daily as (
    select sum(requests) as requests from {{ ref('fct_cost_daily') }}
),

requests as (
    select count(*) as requests from {{ ref('int_requests') }}
)

select *
from daily
cross join requests
where coalesce(daily.requests, 0) <> requests.requests
