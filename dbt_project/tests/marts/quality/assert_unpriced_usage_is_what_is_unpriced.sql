-- Fails if the queue of unpriced use leaves out or adds any quantity without a list price.
with queued as (
    select meter, sum(quantity) as quantity, sum(requests) as requests
    from {{ ref('mart_unpriced_usage') }}
    where reason <> 'tokens_unknown'
    group by meter
),

unpriced as (
    select meter, sum(quantity) as quantity, count(*) as requests
    from {{ ref('int_request_meters') }}
    where list_cost_pico is null
    group by meter
)

select coalesce(queued.meter, unpriced.meter) as meter
from queued
full outer join unpriced on queued.meter = unpriced.meter
where
    queued.quantity is distinct from unpriced.quantity
    or queued.requests is distinct from unpriced.requests
