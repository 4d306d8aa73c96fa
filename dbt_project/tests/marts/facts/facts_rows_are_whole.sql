-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values. What is published of a day has the rows that it is read from, each once.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('fct_requests', {
        'of_built_files': true,
        'one_row_per': ['request_key'],
        'as_many_as': 'int_requests',
        'filled': ['request_key', 'usage_date', 'provider', 'model'] + owner_dimensions(),
        'one_of': {'price_status': ['priced', 'free', 'unpriced', 'cached']},
    }),
    ('fct_request_meters', {
        'of_built_files': true,
        'one_row_per': ['request_key', 'meter'],
        'as_many_as': 'int_request_meters',
    }),
    ('fct_charges', {'one_row_per': ['charge_id'], 'filled': ['charge_id', 'provider', 'billing_month']}),
    ('fct_cost_allocations', {
        'of_months_in_hand': true,
        'one_row_per': ['allocation_id'],
        'filled': ['allocation_id', 'billing_month', 'usage_date', 'provider', 'model'] + owner_dimensions(),
        'one_of': {'cost_basis': ['billed', 'estimated'], 'residual_cause': var('residual_causes')},
        'never': {
            'billed and estimated at once':
                "(cost_basis = 'billed' and estimated_cost <> 0)"
                " or (cost_basis = 'estimated' and (billed_cost <> 0 or effective_cost <> 0))",
            'an estimated residual':
                "residual_cause is not null and cost_basis <> 'billed'",
        },
    }),
    ('fct_shared_cost_moves', {'filled': ['allocation_id']}),
    ('fct_cost_daily', {
        'of_months_in_hand': true,
        'one_row_per': ['billing_month', 'usage_date', 'provider', 'model', 'cost_basis'] + owner_dimensions(),
        'filled': ['billing_month', 'usage_date', 'provider', 'model'] + owner_dimensions(),
    }),
    ('fct_price_restatements', {
        'one_row_per': ['restatement_id', 'usage_date', 'provider', 'model', 'meter', 'service_tier',
            'price_id_before', 'price_id_after', 'list_price_before', 'list_price_after',
            'contracted_price_before', 'contracted_price_after', 'reason'],
        'filled': ['restatement_id'],
        'one_of': {'reason': ['list_price', 'contract', 'both', 'became_priced', 'became_unpriced',
            'volume', 'other_model']},
    }),
    ('dim_prices', {'one_row_per': ['price_id']}),
    ('dim_teams', {'one_row_per': ['team_id', 'valid_from']}),
    ('dim_models', {
        'one_row_per': ['provider', 'raw_model', 'valid_from'],
        'filled': ['model', 'resolved_by', 'is_resolved'],
    }),
]) }}
