-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('mart_hourly_limits', {
        'one_row_per': ['axis', 'entity', 'measure', 'usage_hour'], 'filled': ['limit_amount'],
        'one_of': {'axis': watched_axes(), 'compared_with': ['week', 'day', 'new']},
    }),
    ('mart_runaways', {
        'one_row_per': ['runaway_id'], 'filled': ['entity', 'first_seen_at', 'detected_at'],
        'one_of': {'axis': watched_axes(), 'signature': ['loop', 'new', 'unusual']},
        'never': {
            'less by morning than so far': 'exposure_by_morning < exposure_so_far',
            'money of use that has no price': 'list_cost = 0 and unpriced_requests > 0',
        },
    }),
    ('dim_control_layers', {'one_row_per': ['control_layer']}),
    ('dim_budgets', {'one_row_per': ['budget_id', 'valid_from'], 'filled': ['expected', 'control_layer']}),
    ('mart_budget_status_hourly', {
        'one_row_per': ['budget_id', 'usage_hour'],
        'filled': ['used', 'degrade_stage', 'is_latest'],
        'one_of': {'degrade_stage': ['normal', 'cheaper_model', 'cache_only', 'queue']},
        'never': {
            'a limit that is reached and was at no time': 'used >= hard_limit and hard_crossed_at is null',
            'a refusal that is no request': 'blocked_requests > requests',
        },
    }),
    ('mart_control_coverage', {'one_row_per': ['scope', 'scope_id', 'budget_id'], 'filled': ['scope', 'scope_id']}),
]) }}
