-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('mart_fully_loaded_monthly', {
        'one_row_per': ['billing_month'] + owner_dimensions(),
        'filled': ['billing_month'],
    }),
    ('mart_showback_monthly', {
        'one_row_per': ['line_kind', 'showback_month'] + owner_dimensions(first='team'),
        'filled': owner_dimensions(first='team'),
    }),
    ('mart_reconciliation_daily', {
        'of_months_in_hand': true,
        'one_row_per': ['provider', 'billing_account', 'billing_month', 'usage_date'],
        'filled': ['provider', 'billing_month', 'usage_date'],
        'never': {
            'contracted cost, variances, unpriced cost and causes are not what was allocated':
                'contracted + rate_variance + quantity_variance + unpriced_cost + '
                ~ var('residual_causes') | join(' + ') ~ ' <> allocated',
        },
    }),
    ('mart_reconciliation_monthly', {
        'one_row_per': ['provider', 'billing_account', 'billing_month'],
        'filled': ['provider', 'billing_month'],
    }),
    ('mart_month_completeness', {
        'one_row_per': ['billing_month', 'gateway', 'reason', 'accepted_line'],
        'filled': ['billing_month', 'gateway', 'reason', 'is_incomplete', 'uncovered_cost', 'what'],
    }),
    ('mart_variance_bridge', {
        'one_row_per': ['billing_month', 'scope', 'team', 'feature', 'provider', 'model', 'service_tier', 'residual_cause'],
        'filled': ['billing_month', 'scope', 'team', 'unpriced_quantity', 'unpriced_quantity_before'],
        'never': {
            'a row that is compared has no effects, or one that is not has some':
                '(unpriced_quantity = 0 and unpriced_quantity_before = 0) <> (price_effect is not null) '
                ~ 'or (price_effect is null) <> (volume_effect is null) or price_effect is not null and cost_change is null',
            'effects are not the change':
                'volume_effect + feature_mix_effect + model_mix_effect + tokens_effect + price_effect '
                ~ '+ unexplained_effect <> cost_change or cost_change <> cost - cost_before',
        },
    }),
    ('mart_bill_controls', {
        'one_row_per': ['source', 'billing_month', 'report', 'grouping', 'billing_currency'],
        'filled': ['source', 'billing_month', 'report', 'billing_currency'],
    }),
    ('mart_keyless_usage_monthly', {
        'one_row_per': ['billing_month', 'provider', 'billing_account', 'gateway'],
        'filled': ['billing_month', 'provider', 'billing_account', 'gateway', 'matched_cost',
            'withheld_cost', 'is_answered', 'is_incomplete'],
    }),
]) }}
