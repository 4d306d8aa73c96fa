-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_rules_daily', {'of_built_days': true, 'filled': ['usage_date', 'line', 'costs_hash']}),
    ('int_unowned_daily', {'one_row_per': ['alike_key', 'dimension']}),
    ('int_owned_daily', {'of_built_days': true, 'one_row_per': ['usage_date', 'match_no', 'match'] + accountable_owners()}),
    ('int_owner_evidence', {'one_row_per': ['dimension', 'match_no', 'match']}),
    ('int_workloads', {'one_row_per': ['caller', 'value']}),
    ('int_proposals', {'one_row_per': ['alike_key', 'dimension']}),
    ('int_owner_settings', {'one_row_per': ['billing_month', 'residual_key', 'setting']}),
]) }}
