{# A cost per request or user, rounded down to the pico-unit; NULL where there is none to divide by. #}
{% macro unit_cost(amount, count) -%}
    case
        when {{ count }} > 0 and {{ amount }} >= 0
            then {{ from_pico(split_floor(to_pico(amount), '1', count)) }}
    end
{%- endmacro %}
