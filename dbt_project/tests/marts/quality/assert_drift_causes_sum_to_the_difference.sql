-- Fails if the causes of a difference between claim and list price are not the difference.
select usage_date, source, provider, model
from {{ ref('mart_gateway_drift_daily') }}
where
    drift <> coalesce(gateway_cost, 0) - coalesce(list_cost, 0)
    or drift <> {{ var('drift_causes') | join(' + ') }}
