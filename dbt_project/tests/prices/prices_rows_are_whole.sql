-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_price_regions', {'one_row_per': ['provider', 'model', 'region']}),
    ('int_list_prices', {'one_row_per': ['price_key', 'context_above', 'volume_above', 'valid_from']}),
    ('int_contract_prices', {'one_row_per': ['price_key', 'line']}),
    ('int_price_bands', {'one_row_per': ['price_key', 'context_above', 'volume_above', 'valid_from']}),
    ('int_prices_dated', {'one_row_per': ['price_id'], 'filled': ['price_id']}),
    ('int_model_names', {'one_row_per': ['provider', 'raw_model', 'valid_from']}),
    ('int_context_bands', {'one_row_per': ['provider', 'model', 'region', 'valid_from']}),
    ('int_price_gaps', {'one_row_per': ['price_key', 'gap_from']}),
    ('int_request_fees', {'one_row_per': ['provider', 'model', 'region']}),
]) }}
