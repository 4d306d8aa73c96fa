-- Fails if a request with an unpriced meter has a cost, or a priced one has none.
select request_key
from {{ ref('fct_requests') }}
where
    (price_status = 'unpriced') <> (list_cost is null)
    or (price_status = 'unpriced') <> (contracted_cost is null)
