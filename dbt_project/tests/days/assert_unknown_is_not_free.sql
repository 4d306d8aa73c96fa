-- Fails if a request, of the days that this run built, with an unpriced meter has a list cost, or a priced one lacks a cost. A contract
-- can know a price that no list has, never the other way round.
select request_key
from {{ written_rows('fct_requests') }} as requests
where
    (price_status = 'unpriced') <> (list_cost is null)
    or (price_status <> 'unpriced' and contracted_cost is null)
