{# How many commitments of one provider are in force at once at most: as many times usage is handed
   on. Without commitments nothing is done at all. #}
{% macro commitments_in_line() -%}
    {{ return(var('commitments_in_line')) }}
{%- endmacro %}

{# What a field of a scope is on usage; a field that does not say anything is like no glob. #}
{% macro scope_value(field, usage) -%}
    lower(case {{ field }}
        {%- for name, column in var('usage_fields').items() %}
        when '{{ name }}' then {{ usage }}.{{ column }}
        {%- endfor %}
    end)
{%- endmacro %}

{# Money at so many percent (a decimal(38,12) of at most 1100), rounded down to the pico-unit. #}
{% macro at_percent(pico, percent) -%}
    {{ split_floor(pico, to_pico(percent), '100000000000000') }}
{%- endmacro %}

{# part / whole in millionths, cut off towards 0: a ratio is 1.000000 only where it is 1. NULL where
   there is nothing to compare with. #}
{% macro ratio(part, whole) -%}
    case
        when {{ whole }} > 0
            then cast(
                case when {{ part }} < 0 then -1 else 1 end
                * {{ split_floor('abs(' ~ part ~ ')', '1000000', whole) }}
                * cast(0.000001 as decimal(6, 6)) as decimal(38, 6)
            )
    end
{%- endmacro %}
