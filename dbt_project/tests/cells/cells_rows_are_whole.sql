-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values. split_floor divides exactly up to 1e22 pico-units (ten billion) and 1e15 tokens.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_cells', {'of_built_days': true, 'one_row_per': ['cell_id'], 'filled': ['cell_id']}),
    ('int_cell_keys', {
        'of_built_days': true,
        'one_row_per': ['cell_id', 'source', 'gateway_key_id', 'gateway_key_alias'],
        'filled': ['cell_id'],
    }),
    ('int_cell_meters', {
        'of_built_days': true,
        'one_row_per': ['cell_id', 'meter'],
        'never': {
            'larger than split_floor divides exactly':
                'quantity > 1000000000000000 or abs(list_cost_pico) > 10000000000000000000000'
                ' or abs(contracted_cost_pico) > 10000000000000000000000',
        },
    }),
]) }}
