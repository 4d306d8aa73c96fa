-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what must sum up.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('mart_savings_levers', {
        'one_row_per': ['billing_month', 'team', 'feature', 'lever'],
        'filled': ['cost_before', 'cost_after', 'assumption_basis', 'query'],
        'one_of': {'assumption_basis': ['measured', 'assumed', 'stated'], 'confidence': ['high', 'medium', 'low']},
        'never': {
            'a saving of more than what is left': 'saving < 0 or saving > eligible_cost or eligible_cost > cost_before',
            'a lever that does not follow from its saving': 'cost_before - coalesce(saving, 0) <> cost_after',
            'a saving that is neither known nor explained': '(saving is null) <> (unknown_reason is not null)',
        },
    }),
    ('mart_break_evens', {
        'one_row_per': ['billing_month', 'kind', 'subject'],
        'one_of': {'kind': ['own_capacity', 'commitment', 'fine_tuning']},
    }),
    ('mart_savings_realised', {
        'one_row_per': ['billing_month', 'baseline_month', 'feature'],
        'never': {
            'effects that are not the change':
                'volume_effect + mix_effect + price_effect + efficiency_effect <> cost_change',
        },
    }),
]) }}
