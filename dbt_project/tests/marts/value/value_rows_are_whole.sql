-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('mart_tier_margin_monthly', {
        'one_row_per': ['showback_month', 'tier', 'plan'],
        'filled': ['showback_month', 'tier', 'plan', 'users', 'billed_cost', 'cost_basis'],
        'one_of': {'cost_basis': ['billed', 'estimated', 'mixed']},
    }),
    ('mart_unit_cost_daily', {
        'one_row_per': ['usage_date', 'feature'],
        'one_of': {'cost_basis': ['billed', 'estimated', 'mixed']},
        'never': {
            'a request that is neither answered nor failed': 'responses + failed_requests <> requests',
            'a change without a baseline': 'is_change_point and baseline_cost_per_request is null',
        },
    }),
    ('mart_unit_cost_monthly', {
        'one_row_per': ['showback_month', 'team', 'feature', 'unit', 'agent', 'workflow'],
        'one_of': {'unit': ['user', 'run']},
        'never': {'a middle above what most cost': 'cost_per_unit_p50 > cost_per_unit_p95'},
    }),
    ('mart_waste_daily', {
        'one_row_per': ['usage_date', 'feature', 'waste_kind'],
        'never': {
            'more waste than requests': 'wasted_requests > requests', 'waste above the cost': 'wasted_cost > contracted_cost',
        },
    }),
    ('mart_outcome_cost_monthly', {
        'one_row_per': ['showback_month', 'feature', 'outcome'],
        'one_of': {'cost_basis': ['billed', 'estimated', 'mixed']},
    }),
    ('mart_free_tier_viability', {
        'one_row_per': ['showback_month', 'tier'],
        'never': {'a part above the whole': 'top_cost > total_cost or unconverted_cost > total_cost'},
    }),
]) }}
