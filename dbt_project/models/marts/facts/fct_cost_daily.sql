{{ config(materialized='by_month') }}
-- One row per billing month x day x owner (all dimensions) x provider x model x cost basis, residual rows
-- included. Requests are counted once, in the month of their day, quantities as logged or, for a residual, as
-- billed.
with months as (
    select * from {{ ref('int_months_in_hand') }}
),

allocations as (
    select * from {{ ref('fct_cost_allocations') }}
    where {{ is_of_months_in_hand() }}
),

cells as (
    select
        cells.*,
        months.billing_month
    from {{ ref('int_cells_in_hand') }} as cells
    inner join months on {{ first_of_month('cells.usage_date') }} = months.billing_month
),

cell_bases as (
    select
        cell_id,
        case when count(*) filter (where cost_basis = 'billed') > 0 then 'billed' else 'estimated' end
            as cost_basis
    from {{ ref('fct_cost_allocations') }}
    where cell_id in (select cell_id from cells)
    group by cell_id
),

requests as (
    select
        cells.billing_month,
        cells.usage_date,
        {{ owner_columns('cells') }},
        cells.provider,
        cells.model,
        coalesce(cell_bases.cost_basis, 'billed') as cost_basis,
        cast(sum(cells.requests) as bigint) as requests,
        cast(sum(cells.failed_requests) as bigint) as failed_requests
    from cells
    left join cell_bases on cells.cell_id = cell_bases.cell_id
    group by all
),

costs as (
    select
        billing_month,
        usage_date,
        {{ owner_columns() }},
        provider,
        model,
        cost_basis,
        {%- for meter in var('meters') %}
        cast(coalesce(sum(quantity) filter (where meter = '{{ meter }}'), 0) as bigint)
            as {{ meter }}_quantity,
        {%- endfor %}
        sum(list_cost) as list_cost,
        sum(contracted_cost) as contracted_cost,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        {{ known_estimate(unpriced_units()) }} as estimated_cost,
        {{ unpriced_units() }} as unpriced_quantity,
        coalesce(sum(billed_cost) filter (where residual_cause is not null), 0) as residual_cost
    from allocations
    group by all
),

final as (
    select
        coalesce(costs.billing_month, requests.billing_month) as billing_month,
        coalesce(costs.usage_date, requests.usage_date) as usage_date,
        {{ owner_of_either('costs', 'requests') }},
        coalesce(costs.provider, requests.provider) as provider,
        coalesce(costs.model, requests.model) as model,
        coalesce(costs.cost_basis, requests.cost_basis) as cost_basis,
        coalesce(requests.requests, 0) as requests,
        coalesce(requests.failed_requests, 0) as failed_requests,
        {%- for meter in var('meters') %}
        coalesce(costs.{{ meter }}_quantity, 0) as {{ meter }}_quantity,
        {%- endfor %}
        costs.list_cost,
        costs.contracted_cost,
        coalesce(costs.billed_cost, 0) as billed_cost,
        coalesce(costs.effective_cost, 0) as effective_cost,
        case when costs.usage_date is null then 0 else costs.estimated_cost end as estimated_cost,
        coalesce(costs.unpriced_quantity, 0) as unpriced_quantity,
        coalesce(costs.residual_cost, 0) as residual_cost
    from costs
    full outer join requests
        on
            costs.billing_month = requests.billing_month
            and costs.usage_date = requests.usage_date
            and {{ same_owner('costs', 'requests') }}
            and costs.provider = requests.provider
            and costs.model = requests.model
            and costs.cost_basis = requests.cost_basis
)

select * from final
