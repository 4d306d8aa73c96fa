{# What the requests of each user, customer, session or trace cost, within their cells: a cell's rows
   sum to the money of its allocations. The column is called `name`, where that is not the field's. The list cost of a
   cell's requests stands on the first of its rows. #}
{% macro costs_by_request_field(field, name=none) -%}
with costs as (
    select * from {{ ref('fct_request_costs') }}
),

requests as (
    select
        *,
        coalesce({{ field }}, '__unknown__') as of_field
    from {{ ref('fct_requests') }}
),

listed as (
    select
        of_field,
        usage_date,
        cell_id,
        sum(list_cost) as list_cost
    from requests
    group by of_field, usage_date, cell_id
),

summed as (
    select
        requests.of_field,
        costs.usage_date,
        costs.billing_month,
        costs.cell_id,
        costs.cost_basis,
        requests.provider,
        requests.model,
        {{ owner_columns('requests') }},
        count(distinct case when requests.is_tool_call is not true then costs.request_key end) as requests,
        count(distinct case when requests.is_tool_call then costs.request_key end) as tool_calls,
        sum(costs.billed_cost) as billed_cost,
        sum(costs.effective_cost) as effective_cost,
        {{ known_estimate(unpriced_units()) }} as estimated_cost,
        {{ unpriced_units() }} as unpriced_quantity
    from costs
    inner join requests
        on costs.request_key = requests.request_key and costs.usage_date = requests.usage_date
    group by
        requests.of_field,
        costs.usage_date,
        costs.billing_month,
        costs.cell_id,
        costs.cost_basis,
        requests.provider,
        requests.model,
        {{ owner_columns('requests') }}
),

final as (
    select
        summed.of_field as {{ name or field }},
        {{ all_but('of_field, requests, tool_calls, billed_cost, effective_cost, estimated_cost, unpriced_quantity', of='summed') }},
        summed.requests,
        summed.tool_calls,
        case
            when
                row_number() over (
                    partition by summed.of_field, summed.usage_date, summed.cell_id
                    order by summed.billing_month nulls last, summed.cost_basis nulls last
                ) = 1
                then listed.list_cost
            else 0
        end as list_cost,
        summed.billed_cost,
        summed.effective_cost,
        summed.estimated_cost,
        summed.unpriced_quantity
    from summed
    inner join listed
        on
            summed.of_field = listed.of_field
            and summed.usage_date = listed.usage_date
            and summed.cell_id = listed.cell_id
)

select * from final
{%- endmacro %}
