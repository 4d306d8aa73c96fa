{# What the requests of each user, customer, session or trace cost, within their cells: a cell's rows
   sum to the money of its allocations. The column is called `name`, where that is not the field's. #}
{% macro costs_by_request_field(field, name=none) -%}
with costs as (
    select * from {{ ref('fct_request_costs') }}
),

requests as (
    select * from {{ ref('fct_requests') }}
),

final as (
    select
        coalesce(requests.{{ field }}, '__unknown__') as {{ name or field }},
        costs.usage_date,
        costs.billing_month,
        costs.cell_id,
        costs.cost_basis,
        requests.provider,
        requests.model,
        {{ owner_columns('requests') }},
        count(distinct costs.request_key) as requests,
        sum(costs.billed_cost) as billed_cost,
        sum(costs.effective_cost) as effective_cost,
        {{ known_estimate(unpriced_quantity()) }} as estimated_cost,
        {{ unpriced_quantity() }} as unpriced_quantity
    from costs
    inner join requests
        on costs.request_key = requests.request_key and costs.usage_date = requests.usage_date
    group by
        coalesce(requests.{{ field }}, '__unknown__'),
        costs.usage_date,
        costs.billing_month,
        costs.cell_id,
        costs.cost_basis,
        requests.provider,
        requests.model,
        {{ owner_columns('requests') }}
)

select * from final
{%- endmacro %}
