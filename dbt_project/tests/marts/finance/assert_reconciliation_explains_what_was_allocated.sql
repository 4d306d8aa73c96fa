-- Fails if contracted cost, variances, unpriced cost and causes of a day do not sum to what was
-- allocated; months are sums of days.
select *
from {{ ref('mart_reconciliation_daily') }}
where
    contracted + rate_variance + quantity_variance + unpriced_cost
    {%- for cause in var('residual_causes') %}
    + {{ cause }}
    {%- endfor %}
    <> allocated
