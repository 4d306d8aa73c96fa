-- Fails if a rounding is larger than half a cent a bill line, or than one unit of currency.
select *
from {{ ref('mart_reconciliation_monthly') }}
where abs(rounding) > least(bill_lines * cast(0.005 as decimal(38, 12)), 1)
