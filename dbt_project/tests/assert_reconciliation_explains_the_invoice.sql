-- Fails if contracted cost, variances, unpriced cost and causes do not sum to what was allocated.
select *
from {{ ref('mart_reconciliation_monthly') }}
where
    contracted + rate_variance + quantity_variance + unpriced_cost
    {%- for cause in var('residual_causes') %}
    + {{ cause }}
    {%- endfor %}
    <> allocated
