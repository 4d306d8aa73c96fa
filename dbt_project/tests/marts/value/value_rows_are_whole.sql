-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('mart_tier_margin_monthly', {
        'one_row_per': ['showback_month', 'tier', 'plan'],
        'filled': ['showback_month', 'tier', 'plan', 'users', 'billed_cost', 'cost_basis'],
        'one_of': {'cost_basis': ['billed', 'estimated', 'mixed']},
    }),
]) }}
