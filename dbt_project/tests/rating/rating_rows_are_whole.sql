-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_unpriced_daily', {
        'one_row_per': ['usage_date', 'provider', 'model', 'service_tier', 'region', 'price_region',
            'billing_account', 'raw_model', 'model_source', 'meter', 'is_declared', 'is_contracted'],
    }),
    ('int_use_hourly', {
        'of_built_days': true,
        'one_row_per': ['usage_hour', 'source', 'billing_account', 'sub_account', 'key_name', 'provider', 'model', 'user_id']
            + owner_dimensions(),
    }),
    ('int_users_and_runs_daily', {
        'of_built_days': true,
        'one_row_per': ['usage_date', 'showback_month', 'unit', 'used_by', 'customer', 'agent', 'workflow', 'run_cost_pico']
            + owner_dimensions(),
        'one_of': {'unit': ['user', 'run']},
        'never': {'a user who is none': "unit = 'user' and used_by is null"},
    }),
    ('int_unit_usage_daily', {
        'of_built_days': true,
        'one_row_per': ['usage_date', 'feature'],
        'never': {
            'waste beyond its requests':
                'requests_abandoned + requests_failed + requests_retried + requests_duplicated > requests',
        },
    }),
    ('int_lever_uses', {
        'of_built_days': true,
        'one_row_per': ['usage_date', 'team', 'feature', 'provider', 'model', 'service_tier', 'price_region',
            'is_embedding', 'meter'],
    }),
    ('int_volume_uses', {'one_row_per': ['request_key', 'meter']}),
    ('int_gateway_drift', {'one_row_per': ['usage_date', 'source', 'provider', 'model']}),
    ('int_day_restatements', {
        'one_row_per': ['usage_date', 'provider', 'model', 'meter', 'service_tier', 'price_id_before',
            'price_id_after', 'list_price_before', 'list_price_after', 'contracted_price_before',
            'contracted_price_after', 'reason'],
    }),
    ('int_price_restatements', {
        'one_row_per': ['restatement_id', 'usage_date', 'provider', 'model', 'meter', 'service_tier',
            'price_id_before', 'price_id_after', 'list_price_before', 'list_price_after',
            'contracted_price_before', 'contracted_price_after', 'reason'],
    }),
]) }}
