-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_keys_of_others', {'one_row_per': ['part_id', 'cell_id']}),
    ('int_matches_over_midnight', {'one_row_per': ['part_id', 'cell_id', 'cell_meter', 'match_order']}),
    ('int_matches', {'one_row_per': ['part_id', 'cell_id', 'cell_meter', 'match_order']}),
    ('int_matches_unmeasured', {'one_row_per': ['part_id', 'cell_id', 'cell_meter']}),
    ('int_part_shares', {
        'one_row_per': ['part_id', 'original_part_id', 'cell_id', 'cell_meter', 'match_order'],
    }),
    ('int_residuals', {
        'one_row_per': ['part_id', 'credential_id', 'residual_cause'] + credential_owners(),
    }),
    ('int_cell_uses', {
        'one_row_per': ['cell_id', 'cell_meter', 'charge_id', 'match_order', 'credential_id'],
    }),
    ('int_open_cells', {'one_row_per': ['cell_id', 'cell_meter']}),
    ('int_matched_allocations', {
        'of_months_in_hand': true,
        'one_row_per': ['allocation_id'],
        'filled': ['allocation_id', 'billing_month'],
    }),
]) }}
