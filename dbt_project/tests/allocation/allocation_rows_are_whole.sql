-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_allocations', {
        'of_months_in_hand': true,
        'one_row_per': ['allocation_id'],
        'filled': ['allocation_id', 'billing_month'],
    }),
]) }}
