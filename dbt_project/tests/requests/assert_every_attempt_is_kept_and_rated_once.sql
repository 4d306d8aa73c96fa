-- Fails if a record that landed is not of exactly one request, or a request of a day that this run built is
-- not one row.
with landed as (
    select count(*) as records from {{ ref('stg_landing__requests') }}
),

kept as (
    select
        request_key,
        usage_date,
        records
    from {{ ref('int_requests_kept') }}
),

kept_in_hand as (
    select request_key from kept
    where usage_date in (select usage_date from {{ ref('int_requests') }})
),

requests as (
    select request_key, count(*) as requests
    from {{ ref('int_requests') }}
    group by request_key
),

counted as (
    select coalesce(sum(records), 0) as records from {{ ref('int_requests_kept') }}
)

select
    coalesce(kept_in_hand.request_key, requests.request_key) as request_key,
    requests.requests
from kept_in_hand
full outer join requests on kept_in_hand.request_key = requests.request_key
where kept_in_hand.request_key is null or requests.requests is distinct from 1
union all
select
    'records that landed, and records of requests' as request_key,
    landed.records - counted.records as requests
from landed
cross join counted
where landed.records <> counted.records
