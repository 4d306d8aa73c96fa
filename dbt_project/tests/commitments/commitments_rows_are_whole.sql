-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_commitment_months', {'one_row_per': ['charge_id', 'billing_month']}),
    ('int_commitment_shares', {'one_row_per': ['charge_id', 'billing_month', 'usage_date', 'named_key']}),
    ('int_commitments', {'one_row_per': ['commitment_id', 'billing_month']}),
    ('int_commitments', {'one_row_per': ['provider', 'billing_month', 'place']}),
    ('int_commitment_usage', {'one_row_per': ['provider', 'billing_month', 'usage_date', 'named_key']}),
    ('int_commitment_scopes', {'one_row_per': ['commitment_id', 'billing_month', 'named_key']}),
    ('int_commitment_uses', {'one_row_per': ['commitment_id', 'billing_month', 'usage_date', 'named_key']}),
]) }}
