-- Fails if the parts of a charge do not sum to it in money, or in tokens where it says how many (of a key that the
-- bill took something back of: the key's); or if one of several has another unit price than the charge (by more
-- than the last pico-unit).
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

netted as (
    select charge_id, main_charge_id from {{ ref('int_netted_charges') }}
),

charges as (
    select
        charge_id,
        billed_pico as pico,
        consumed_quantity,
        consumed_unit,
        meter
    from {{ ref('int_charges') }}
    -- spread by int_commitment_allocations, offered to no match
    where charge_kind not in ('commitment', 'shortfall') and not coalesce(has_holders, false)
),

counted as (
    select
        charge_id,
        {{ countable_quantity('consumed_quantity', 'consumed_unit', 'meter') }} as quantity
    from charges
    where charge_id not in (select charge_id from netted)
    union all
    select
        main_charge_id as charge_id,
        {{ countable_quantity('sum(charges.consumed_quantity)', 'mains.consumed_unit', 'mains.meter') }}
            as quantity
    from netted
    inner join charges on netted.charge_id = charges.charge_id
    inner join charges as mains on netted.main_charge_id = mains.charge_id
    group by main_charge_id, mains.consumed_unit, mains.meter
    union all
    select charge_id, 0 as quantity
    from netted
    where charge_id <> main_charge_id
)

select coalesce(sums.charge_id, charges.charge_id) as charge_id
from sums
full outer join charges on sums.charge_id = charges.charge_id
where sums.pico is distinct from charges.pico
union all
select sums.charge_id
from sums
inner join counted on sums.charge_id = counted.charge_id
where sums.quantity <> counted.quantity
union all
select parts.charge_id
from parts
inner join charges on parts.charge_id = charges.charge_id
where
    parts.charge_quantity > 0
    and abs(parts.part_pico * parts.charge_quantity - charges.pico * parts.quantity)
    >= parts.charge_quantity
