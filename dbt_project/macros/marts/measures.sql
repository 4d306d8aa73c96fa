{# Units (of whatever meter) of estimates that have no price: what a sum of estimated_cost is without. #}
{% macro unpriced_units() -%}
    cast(coalesce(sum(quantity) filter (where estimated_cost is null), 0) as bigint)
{%- endmacro %}

{# The sum of estimated_cost, NULL where `unpriced` units are estimated and none has a price. #}
{% macro known_estimate(unpriced='sum(unpriced_quantity)') -%}
    case
        when coalesce(sum(estimated_cost), 0) <> 0 or coalesce({{ unpriced }}, 0) = 0
            then coalesce(sum(estimated_cost), 0)
    end
{%- endmacro %}

{# The measures of fct_cost_daily, summed: the same columns in every daily view. #}
{% macro daily_measures() -%}
    cast(sum(requests) as bigint) as requests,
    cast(sum(failed_requests) as bigint) as failed_requests,
    {%- for meter in var('meters') %}
    cast(sum({{ meter }}_quantity) as bigint) as {{ meter }}_quantity,
    {%- endfor %}
    sum(list_cost) as list_cost,
    sum(contracted_cost) as contracted_cost,
    sum(billed_cost) as billed_cost,
    sum(effective_cost) as effective_cost,
    {{ known_estimate() }} as estimated_cost,
    cast(sum(unpriced_quantity) as bigint) as unpriced_quantity,
    sum(residual_cost) as residual_cost
{%- endmacro %}

{# Of a row's money: billed, estimated, or mixed where it has both. #}
{% macro basis_of_cost(of=none) -%}
    {%- set row = of ~ '.' if of else '' -%}
    case
        when {{ row }}estimated_cost = 0 and {{ row }}unpriced_quantity = 0 then 'billed'
        when {{ row }}billed_cost = 0 then 'estimated'
        else 'mixed'
    end
{%- endmacro %}
