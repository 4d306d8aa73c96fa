-- Fails if, where there is an invoice, allocated + unexplained is not its amount; or if there is
-- none and something is called unexplained.
select *
from {{ ref('mart_reconciliation_monthly') }}
where
    (invoice_status <> 'missing' and allocated + unexplained is distinct from invoice_amount)
    or (invoice_status = 'missing' and unexplained is not null)
    or (invoice_status = 'tied') <> coalesce(unexplained = 0, false)
