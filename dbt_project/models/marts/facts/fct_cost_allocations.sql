{{ config(materialized='by_month') }}
-- One row per allocation: charge x cell, charge x residual cause (of a payment for a commitment x month),
-- or an open cell. What a bill in another currency says of the money is split by what it is in the
-- workspace's, evenly where that is nothing.
with allocations as (
    select * from {{ ref('int_allocations') }}
    where {{ is_of_months_in_hand() }}
),

foreign_charges as (
    select charge_id, billing_month, billed_currency_pico
    from {{ ref('int_charges') }}
    where billing_currency <> '{{ var("currency") }}'
),

weighted as (
    select
        allocations.allocation_id,
        allocations.charge_id,
        foreign_charges.billed_currency_pico,
        case
            when sum(abs(allocations.billed_pico)) over (partition by allocations.charge_id) = 0 then 1
            else abs(allocations.billed_pico)
        end as weight
    from allocations
    -- in other months than the invoice's a payment for a commitment has no billed money
    inner join foreign_charges
        on
            allocations.charge_id = foreign_charges.charge_id
            and allocations.billing_month = foreign_charges.billing_month
),

totals as (
    select *, sum(weight) over (partition by charge_id) as total_weight
    from weighted
),

as_billed as (
    {{ split_exactly(
        'totals', 'billed_currency_pico', 'weight', 'total_weight', 'charge_id', 'allocation_id', 'currency_pico'
    ) }}
),

final as (
    select
        allocations.allocation_id,
        allocations.charge_id,
        cell_id,
        cell_meter,
        billing_month,
        usage_hour,
        usage_date,
        showback_date,
        provider,
        billing_account,
        sub_account,
        credential_id,
        model,
        meter,
        service_tier,
        context_band,
        region,
        {{ owner_columns() }},
        cast(quantity as bigint) as quantity,
        {{ from_pico('billed_pico') }} as billed_cost,
        {{ from_pico('effective_pico') }} as effective_cost,
        {{ from_pico('estimated_pico') }} as estimated_cost,
        {{ from_pico('list_pico') }} as list_cost,
        {{ from_pico('contracted_pico') }} as contracted_cost,
        cost_basis,
        match_level,
        allocation_method,
        residual_cause,
        failed_requests,
        estimated_requests,
        billing_currency,
        {{ from_pico('coalesce(as_billed.currency_pico, allocations.billed_pico)') }}
            as billed_cost_in_billing_currency,
        fx_rate_id
    from allocations
    left join as_billed on allocations.allocation_id = as_billed.allocation_id
)

select * from final
