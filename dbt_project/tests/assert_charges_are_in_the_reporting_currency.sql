-- Fails if a charge is billed in another currency than the workspace's: no rate is known for it.
select *
from {{ ref('fct_charges') }}
where billing_currency <> '{{ var("currency") }}'
