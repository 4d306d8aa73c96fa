-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('mart_chargeback_monthly', {
        'one_row_per': ['billing_month', 'provider', 'billing_account', 'team', 'cost_center', 'status'],
        'filled': ['billing_month', 'provider', 'team'],
    }),
    ('mart_chargeback_phases', {
        'one_row_per': ['billing_month', 'team'],
        'filled': ['billing_month', 'team', 'asked_phase', 'phase', 'closed_months', 'open_disputes'],
    }),
    ('mart_recovery_monthly', {
        'one_row_per': ['billing_month', 'provider', 'billing_account', 'team', 'cost_center', 'feature', 'scope',
            'scope_id', 'method', 'meter', 'value'],
        'filled': ['billing_month', 'provider', 'team', 'feature', 'scope', 'scope_id', 'total_cost'],
    }),
    ('mart_disputes', {
        'one_row_per': ['billing_month', 'posting_month', 'provider', 'billing_account', 'team', 'cost_center',
            'feature', 'component', 'status'],
        'filled': ['billing_month', 'team', 'status', 'amount'],
    }),
    ('mart_corrections', {
        'one_row_per': ['billing_month', 'provider', 'billing_account', 'team', 'cost_center', 'feature', 'reason',
            'part', 'status', 'posting_month'],
        'filled': ['billing_month', 'provider', 'team', 'reason', 'part', 'status'],
    }),
]) }}
