-- Fails if the parts of a charge do not sum to it in money, or in tokens where it says how many; or
-- if one of several has another unit price than the charge (by more than the last pico-unit).
with parts as (
    select
        *,
        sum(quantity) over (partition by charge_id) as charge_quantity
    from {{ ref('int_charge_parts') }}
),

sums as (
    select
        charge_id,
        sum(part_pico) as pico,
        sum(quantity) as quantity
    from parts
    group by charge_id
),

charges as (
    select
        charge_id,
        billed_pico as pico,
        {{ countable_quantity('consumed_quantity', 'consumed_unit', 'meter') }} as quantity
    from {{ ref('int_charges') }}
    -- spread by int_commitment_allocations, offered to no match
    where charge_kind not in ('commitment', 'shortfall') and not coalesce(has_holders, false)
)

select coalesce(sums.charge_id, charges.charge_id) as charge_id
from sums
full outer join charges on sums.charge_id = charges.charge_id
where sums.pico is distinct from charges.pico or sums.quantity <> charges.quantity
union all
select parts.charge_id
from parts
inner join charges on parts.charge_id = charges.charge_id
where
    parts.charge_quantity > 0
    and abs(parts.part_pico * parts.charge_quantity - charges.pico * parts.quantity)
    >= parts.charge_quantity
