-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('mart_capacity_daily', {
        'one_row_per': ['usage_date', 'pool', 'line', 'team', 'feature'],
        'one_of': {'line': ['use', 'owner']},
    }),
    ('mart_seats_monthly', {
        'one_row_per': ['billing_month', 'provider', 'billing_account', 'product', 'seat_plan', 'team'],
    }),
    ('mart_prepaid_monthly', {
        'one_row_per': ['billing_month', 'provider', 'billing_account', 'currency'],
        'one_of': {'drawn_basis': ['stated', 'bill', 'none']},
        'never': {
            'a balance that does not follow from its moves':
                'opening_balance + topped_up + granted - drawn - expired <> closing_balance',
        },
    }),
    ('mart_commitments_monthly', {'one_row_per': ['commitment_id', 'billing_month']}),
    ('mart_forecast_backtest', {'one_row_per': ['scope', 'team', 'feature', 'known_until']}),
    ('mart_forecast_monthly', {
        'one_row_per': ['forecast_month', 'scope', 'team', 'feature'],
        'one_of': {
            'scope': ['company', 'team', 'feature'],
            'method': ['seasonal_naive', 'repriced_naive', 'drivers'],
            'unreliable_because': ['short_history', 'large_error'],
        },
        'never': {
            'an error above that of seasonal naive': 'error_percent > naive_error_percent',
            'a forecast outside of its band': 'forecast_cost < p10_cost or forecast_cost > p90_cost',
        },
    }),
    ('mart_negotiation_pack', {
        'one_row_per': [
            'billing_month', 'provider', 'model', 'meter', 'service_tier', 'offered_by', 'offered_model',
        ],
    }),
    ('mart_own_tokens_monthly', {'one_row_per': ['billing_month', 'billing_account']}),
]) }}
