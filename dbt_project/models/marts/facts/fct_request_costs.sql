{{ config(materialized='view') }}
-- One row per request and meter x allocation of its cell: its exact share by quantity. Shares of an
-- allocation sum to it. An estimate of usage without a price is NULL: unknown is not free. What a cell has
-- of a payment for a commitment is effective money, and billed money either as much or none.
with request_meters as (
    select * from {{ ref('fct_request_meters') }}
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where cell_id is not null
),

pairs as (
    select
        allocations.allocation_id,
        allocations.charge_id,
        allocations.cost_basis,
        allocations.billing_month,
        allocations.billed_cost <> 0 as is_billed,
        request_meters.usage_date,
        request_meters.request_key,
        request_meters.request_id,
        request_meters.cell_id,
        request_meters.meter,
        request_meters.quantity,
        request_meters.list_cost,
        {{ to_pico('allocations.effective_cost + allocations.estimated_cost') }}
            as allocation_pico,
        sum(request_meters.quantity) over (partition by allocations.allocation_id)
            as allocation_quantity
    from allocations
    inner join request_meters
        on
            allocations.cell_id = request_meters.cell_id
            and allocations.usage_date = request_meters.usage_date
            and allocations.cell_meter = request_meters.meter
),

shares as (
    {{ split_exactly(
        'pairs', 'allocation_pico', 'quantity', 'allocation_quantity', 'allocation_id',
        'request_key', 'share_pico'
    ) }}
),

final as (
    select
        request_key,
        request_id,
        usage_date,
        billing_month,
        cell_id,
        meter,
        quantity,
        allocation_id,
        charge_id,
        cost_basis,
        case when cost_basis = 'billed' and is_billed then {{ from_pico('share_pico') }} else 0 end
            as billed_cost,
        case when cost_basis = 'billed' then {{ from_pico('share_pico') }} else 0 end
            as effective_cost,
        case when cost_basis = 'estimated' then {{ from_pico('share_pico') }} else 0 end
            as estimated_cost
    from shares
)

select * from final
