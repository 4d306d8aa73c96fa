{# Units (of whatever meter) of estimates that have no price: what a sum of estimated_cost is without. #}
{% macro unpriced_quantity() -%}
    cast(coalesce(sum(quantity) filter (where estimated_cost is null), 0) as bigint)
{%- endmacro %}

{# The sum of estimated_cost, NULL where `unpriced` units are estimated and none has a price. #}
{% macro known_estimate(unpriced='sum(unpriced_quantity)') -%}
    case
        when coalesce(sum(estimated_cost), 0) <> 0 or coalesce({{ unpriced }}, 0) = 0
            then coalesce(sum(estimated_cost), 0)
    end
{%- endmacro %}
