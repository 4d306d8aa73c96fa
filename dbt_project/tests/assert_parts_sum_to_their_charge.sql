-- Fails if the parts of a charge do not sum to it.
with parts as (
    select charge_id, sum(part_pico) as pico
    from {{ ref('int_charge_parts') }}
    group by charge_id
),

charges as (
    select charge_id, billed_pico as pico from {{ ref('int_charges') }}
)

select coalesce(parts.charge_id, charges.charge_id) as charge_id
from parts
full outer join charges on parts.charge_id = charges.charge_id
where parts.pico is distinct from charges.pico
