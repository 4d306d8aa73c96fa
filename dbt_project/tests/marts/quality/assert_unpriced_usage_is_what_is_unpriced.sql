-- Fails if the queue of unpriced use leaves out or adds any quantity without a list price: of the days that
-- this run built beside their requests, of all days beside the days' sums.
with queued as (
    select meter, sum(quantity) as quantity, sum(requests) as requests
    from {{ ref('mart_unpriced_usage') }}
    where reason <> 'tokens_unknown'
    group by meter
),

by_day as (
    select * from {{ ref('int_unpriced_daily') }}
    where meter <> '*'
),

summed as (
    select meter, sum(quantity) as quantity, sum(requests) as requests
    from by_day
    group by meter
),

in_hand as (
    select
        meter,
        sum(quantity) as quantity,
        sum(requests) as requests
    from by_day
    where usage_date in (select usage_date from {{ ref('int_requests') }})
    group by meter
),

unpriced as (
    select meter, sum(quantity) as quantity, count(*) as requests
    from {{ ref('int_request_meters') }}
    where list_cost_pico is null
    group by meter
)

select coalesce(queued.meter, summed.meter) as meter
from queued
full outer join summed on queued.meter = summed.meter
where
    queued.quantity is distinct from summed.quantity
    or queued.requests is distinct from summed.requests
union all
select coalesce(in_hand.meter, unpriced.meter)
from in_hand
full outer join unpriced on in_hand.meter = unpriced.meter
where
    in_hand.quantity is distinct from unpriced.quantity
    or in_hand.requests is distinct from unpriced.requests
