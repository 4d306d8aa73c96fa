{# Pico-units of another count at the same mean: floor(|amount| * count / of), with the amount's sign. #}
{% macro at_count(amount, count, of) -%}
    case when {{ amount }} < 0 then -1 else 1 end * {{ split_floor('abs(' ~ amount ~ ')', count, of) }}
{%- endmacro %}

{# More of a meter a request, at the price before; of a meter that is new all of it. `meters`: cost and quantity of a
   segment's meter now and before, `segments`: its requests. #}
{% macro tokens_effect(meters, segments) -%}
    case
                when {{ meters }}.quantity_before > 0
                    then {{ at_count(meters ~ '.cost_before', meters ~ '.quantity', meters ~ '.quantity_before') }}
                        - {{ at_count(meters ~ '.cost_before', segments ~ '.requests', segments ~ '.requests_before') }}
                when {{ meters }}.quantity > 0 then {{ meters }}.cost
                else 0
            end
{%- endmacro %}
