-- Fails if two bills charge the same provider, account and month: mark one `role: control`. Capacity that
-- is paid by the month stands beside the bill of its account.
select
    provider,
    billing_account_id,
    billing_month,
    string_agg(distinct source, ', ') as bills
from {{ ref('fct_charges') }}
where source not in ('invoices.csv', 'capacity.csv')
group by provider, billing_account_id, billing_month
having count(distinct source) > 1
