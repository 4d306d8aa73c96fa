{# A quantity of a pool in its unit: gpu_seconds are counted in milliseconds. #}
{% macro in_capacity_unit(quantity, unit) -%}
    cast(
        cast({{ quantity }} as decimal(38, 0))
        * case when {{ unit }} = 'gpu_seconds' then cast(0.001 as decimal(6, 3)) else cast(1 as decimal(6, 3)) end
        as decimal(38, 3)
    )
{%- endmacro %}
