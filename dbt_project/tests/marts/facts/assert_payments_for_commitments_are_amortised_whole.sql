-- Fails if a payment for a commitment is not amortised to the pico-unit: of n months that it pays for, the
-- k that have begun have k / n of it; or if a row of it is neither billed as much as it is effective, nor
-- effective alone, nor the one row of `timing`.
with charges as (
    select
        charge_id,
        billing_month,
        billed_cost,
        (
            extract(year from charge_period_end) * 12 + extract(month from charge_period_end)
            - extract(year from charge_period_start) * 12 - extract(month from charge_period_start)
        ) as months,
        charge_period_start
    from {{ ref('fct_charges') }}
    where charge_kind in ('commitment', 'shortfall')
),

allocations as (
    select allocations.*
    from {{ ref('fct_cost_allocations') }} as allocations
    inner join charges on allocations.charge_id = charges.charge_id
),

newest as (
    select max(billing_month) as newest_month from {{ ref('fct_cost_allocations') }}
),

amortised as (
    select
        charges.charge_id,
        charges.billed_cost,
        charges.months,
        least(
            greatest(
                (
                    extract(year from newest.newest_month) * 12 + extract(month from newest.newest_month)
                    - extract(year from charges.charge_period_start) * 12
                    - extract(month from charges.charge_period_start) + 1
                ), 0
            ), charges.months
        ) as months_begun,
        coalesce(sum(allocations.effective_cost), 0) as effective_cost
    from charges
    cross join newest
    left join allocations on charges.charge_id = allocations.charge_id
    group by all
)

select charge_id
from amortised
where
    abs({{ to_pico('effective_cost') }})
    <> {{ split_floor("abs(" ~ to_pico('billed_cost') ~ ")", 'months_begun', 'months') }}
    or (effective_cost <> 0 and (effective_cost < 0) <> (billed_cost < 0))
union all
select allocation_id
from allocations
where
    billed_cost not in (0, effective_cost)
    and residual_cause is distinct from 'timing'
union all
select charge_id
from allocations
where residual_cause = 'timing'
group by charge_id
having count(*) > 1 or sum(effective_cost) <> 0
