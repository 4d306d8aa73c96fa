-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_uncovered_days', {
        'one_row_per': ['gateway', 'provider', 'billing_account', 'billing_month', 'usage_date'],
    }),
    ('int_gateway_days', {'one_row_per': ['gateway', 'usage_date']}),
]) }}
