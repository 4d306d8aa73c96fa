-- Fails if an attempt that landed is not exactly one request, or a request did not land.
with landed as (
    select distinct request_key from {{ ref('stg_landing__requests') }}
),

requests as (
    select request_key, count(*) as requests
    from {{ ref('int_requests') }}
    group by request_key
)

select
    coalesce(landed.request_key, requests.request_key) as request_key,
    requests.requests
from landed
full outer join requests on landed.request_key = requests.request_key
where landed.request_key is null or requests.requests is distinct from 1
