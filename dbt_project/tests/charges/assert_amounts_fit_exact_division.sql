-- Fails if an amount times a weight could exceed what split_floor divides exactly: 1e22 pico-units (ten
-- billion), 1e15 tokens.
select 'charge ' || charge_id as too_large
from {{ ref('int_charges') }}
where
    abs(billed_pico) > 10000000000000000000000
    or abs(billed_currency_pico) > 10000000000000000000000
union all
select 'cell ' || cell_id
from {{ ref('int_cell_meters') }}
where
    quantity > 1000000000000000
    or abs(list_cost_pico) > 10000000000000000000000
    or abs(contracted_cost_pico) > 10000000000000000000000
union all
select 'charge part ' || part_id
from {{ ref('int_charge_parts') }}
where abs(quantity) > 1000000000000000
