-- One row per allocation: charge x cell, charge x residual cause (of a payment for a commitment x month),
-- or an open cell.
with allocations as (
    select * from {{ ref('int_allocations') }}
),

foreign_allocations as (
    select * from {{ ref('int_foreign_allocations') }}
),

final as (
    select
        allocations.allocation_id,
        charge_id,
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
        {{ from_pico('coalesce(foreign_allocations.currency_pico, allocations.billed_pico)') }}
            as billed_cost_in_billing_currency,
        fx_rate_id
    from allocations
    left join foreign_allocations on allocations.allocation_id = foreign_allocations.allocation_id
)

select * from final
