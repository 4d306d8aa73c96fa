-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('dim_attribution_rules', {'one_row_per': ['line'], 'filled': ['line']}),
    ('mart_data_quality_daily', {'one_row_per': ['source', 'day']}),
    ('mart_gateway_drift_daily', {
        'one_row_per': ['usage_date', 'source', 'provider', 'model'],
        'never': {
            'the causes of the difference are not the difference':
                'drift <> coalesce(gateway_cost, 0) - coalesce(list_cost, 0) or drift <> '
                ~ var('drift_causes') | join(' + '),
        },
    }),
    ('mart_unallocated', {'one_row_per': ['billing_month', 'dimension', 'dollar_rank']}),
    ('mart_unallocated', {
        'one_row_per': ['billing_month', 'dimension', 'match', 'residual_cause', 'credential_id'],
    }),
    ('mart_owner_readiness', {
        'one_row_per': ['billing_month', 'provider', 'setting', 'state'],
        'one_of': {'state': ['unowned', 'shared', 'unread', 'missing', 'not_billed', 'none']},
    }),
    ('mart_stated_cost_daily', {'one_row_per': ['usage_date', 'provider', 'model']}),
    ('mart_usage_controls_daily', {
        'one_row_per': ['usage_date', 'provider', 'billing_account', 'model'],
        'filled': ['usage_date', 'provider', 'model'],
    }),
    ('mart_likely_misspellings', {'one_row_per': ['dimension', 'spelling']}),
    ('mart_unpriced_usage', {
        'one_row_per': ['provider', 'model', 'service_tier', 'region', 'meter', 'reason'],
    }),
]) }}
