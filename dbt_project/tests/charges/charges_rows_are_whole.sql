-- Fails if a row of this folder's relations is not whole: its grain, what is never NULL, what holds only
-- some values. split_floor divides exactly up to 1e22 pico-units (ten billion) and 1e15 tokens.
{{ config(fail_calc='coalesce(sum(failing_rows), 0)') }}
{{ rows_are_whole([
    ('int_seats', {'one_row_per': ['charge_id'], 'filled': ['charge_id']}),
    ('int_seat_usage', {'one_row_per': ['charge_id'], 'filled': ['charge_id']}),
    ('int_seat_charges', {'one_row_per': ['charge_id'], 'filled': ['charge_id']}),
    ('int_bill_charges', {'one_row_per': ['charge_id'], 'filled': ['charge_id']}),
    ('int_billing_currencies', {'one_row_per': ['provider', 'billing_account', 'billing_month']}),
    ('int_invoices', {'one_row_per': ['provider', 'billing_account', 'billing_month']}),
    ('int_invoice_charges', {'one_row_per': ['charge_id'], 'filled': ['charge_id']}),
    ('int_charges', {
        'one_row_per': ['charge_id'],
        'filled': ['charge_id'],
        'never': {
            'larger than split_floor divides exactly':
                'abs(billed_pico) > 10000000000000000000000'
                ' or abs(billed_currency_pico) > 10000000000000000000000',
        },
    }),
    ('int_bridged_usage', {'one_row_per': ['charge_id', 'credential_id']}),
    ('int_netted_charges', {'one_row_per': ['charge_id'], 'filled': ['charge_id', 'main_charge_id']}),
    ('int_charge_parts', {
        'one_row_per': ['part_id'],
        'filled': ['part_id'],
        'never': {
            'larger than split_floor divides exactly':
                'abs(quantity) > 1000000000000000',
        },
    }),
    ('int_reversals', {'one_row_per': ['part_id', 'original_part_id']}),
    ('int_commitment_charges', {
        'one_row_per': ['charge_id'],
        'filled': ['charge_id', 'charge_period_start'],
    }),
]) }}
