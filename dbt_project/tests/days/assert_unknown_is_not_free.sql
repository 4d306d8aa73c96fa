-- Fails if a request, of the days that this run built, with an unpriced meter has a list cost, or a priced one lacks a cost. A contract
-- can know a price that no list has, never the other way round.
select request_key
from {{ ref('fct_requests') }}
where
    usage_date in (select usage_date from {{ ref('int_requests') }})
    and ((price_status = 'unpriced') <> (list_cost is null)
    or (price_status <> 'unpriced' and contracted_cost is null))
