-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_capacity_hours', {'one_row_per': ['line', 'usage_hour']}),
    ('int_capacity_charges', {'one_row_per': ['charge_id'], 'filled': ['charge_id']}),
    ('int_capacity_invoices', {'one_row_per': ['billing_account', 'billing_month']}),
    ('int_capacity_uses', {'one_row_per': ['cell_id'], 'filled': ['cell_id']}),
    ('int_capacity_shares', {'one_row_per': ['charge_id', 'cell_id', 'cell_meter']}),
]) }}
