-- One row per allocation of a charge in another currency than the workspace's: its part of the money as
-- billed, by its part of the charge in the workspace's currency; evenly where that is nothing.
with allocations as (
    select allocation_id, charge_id, billed_pico
    from {{ ref('int_allocations') }}
    where billing_currency <> '{{ var("currency") }}'
),

charges as (
    select charge_id, billed_currency_pico
    from {{ ref('int_charges') }}
    where billing_currency <> '{{ var("currency") }}'
),

weighted as (
    select
        allocations.allocation_id,
        allocations.charge_id,
        charges.billed_currency_pico,
        case
            when sum(abs(allocations.billed_pico)) over (partition by allocations.charge_id) = 0 then 1
            else abs(allocations.billed_pico)
        end as weight
    from allocations
    inner join charges on allocations.charge_id = charges.charge_id
),

totals as (
    select *, sum(weight) over (partition by charge_id) as total_weight
    from weighted
),

split as (
    {{ split_exactly(
        'totals', 'billed_currency_pico', 'weight', 'total_weight', 'charge_id', 'allocation_id', 'currency_pico'
    ) }}
),

final as (
    select allocation_id, currency_pico from split
)

select * from final
