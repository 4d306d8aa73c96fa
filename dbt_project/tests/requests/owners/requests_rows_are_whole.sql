-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_start_days', {'one_row_per': ['source', 'start_day'], 'filled': ['start_hash']}),
    ('int_record_exceptions', {
        'one_row_per': ['source', 'batch', 'object_no', 'record_no', 'request_id'],
        'filled': ['start_day', 'standing_batch', 'standing_object_no'],
    }),
    ('int_record_days', {
        'one_row_per': ['source', 'start_day', 'usage_date'], 'filled': ['usage_date'],
        'never': {'more requests than records': 'requests > records'},
    }),
    ('int_day_inputs', {'one_row_per': ['usage_date'], 'filled': ['usage_date']}),
    ('int_model_uses', {'of_built_days': true, 'one_row_per': ['usage_date', 'provider', 'raw_model', 'model', 'model_source']}),
    ('int_deployments_resolved', {'one_row_per': ['source', 'deployment_id', 'valid_from']}),
    ('int_accounts_only', {'one_row_per': ['provider'], 'filled': ['provider']}),
    ('int_pool_deployments', {'one_row_per': ['source', 'deployment_id', 'valid_from']}),
    ('int_credentials_seen', {'one_row_per': ['source', 'credential_id']}),
    ('int_credentials_owned', {'one_row_per': ['source', 'credential_id', 'valid_from']}),
    ('int_spellings', {'one_row_per': ['dimension', 'spelling', 'valid_from']}),
    ('int_rules_ranked', {'one_row_per': ['line'], 'filled': ['line']}),
    ('int_rule_values', {'of_built_days': true, 'one_row_per': ['usage_date', 'rule_key', 'field']}),
    ('int_rules_matched', {'one_row_per': ['rule_key', 'line']}),
    ('int_request_rules', {'one_row_per': ['request_key']}),
    ('int_days_in_hand', {'one_row_per': ['usage_date'], 'filled': ['usage_date', 'day_hash']}),
    ('int_rules_won', {'one_row_per': ['rule_key', 'valid_from']}),
    ('int_request_contexts', {'one_row_per': ['source', 'request_key']}),
    ('int_calls_told_twice', {'one_row_per': ['record_key'], 'filled': ['known_by', 'other_source']}),
    ('int_calls_merged', {'one_row_per': ['record_key'], 'filled': ['observed_also_in']}),
    ('int_requests', {'one_row_per': ['request_key'], 'filled': ['request_key']}),
    ('int_since', {'one_row_per': ['since'], 'filled': ['since']}),
]) }}
