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
    ('mart_own_tokens_monthly', {'one_row_per': ['billing_month', 'billing_account']}),
]) }}
