{# One row per request, meter and allocation of their cell: the exact share of it by quantity. Of `allocations`
   every request of their cells is in `request_meters`. #}
{% macro shares_of_requests(request_meters, allocations) -%}
    with pairs as (
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
        from {{ allocations }} as allocations
        inner join {{ request_meters }} as request_meters
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
    )

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
{%- endmacro %}
