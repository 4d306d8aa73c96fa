{# Pico-units of another count at the same mean: floor(|amount| * count / of), with the amount's sign. #}
{% macro at_count(amount, count, of) -%}
    case when {{ amount }} < 0 then -1 else 1 end * {{ split_floor('abs(' ~ amount ~ ')', count, of) }}
{%- endmacro %}
