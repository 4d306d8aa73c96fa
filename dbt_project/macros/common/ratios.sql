{# A cost per request or user, rounded down to the pico-unit; NULL where there is none to divide by. #}
{% macro unit_cost(amount, count) -%}
    case
        when {{ count }} > 0 and {{ amount }} >= 0
            then {{ from_pico(split_floor(to_pico(amount), '1', count)) }}
    end
{%- endmacro %}

{# part / whole as percent with two places, by whole numbers; NULL without a whole. #}
{% macro percent_of(part, whole) -%}
    case
        when {{ part }} >= 0 and {{ whole }} > 0
            then cast({{ split_floor('10000', part, whole) }} as decimal(18, 0)) * cast(0.01 as decimal(3, 2))
    end
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

{# The same of an amount of either sign, rounded towards 0. #}
{% macro signed_percent(pico, percent) -%}
    case when {{ pico }} < 0 then -1 else 1 end * {{ at_percent('abs(' ~ pico ~ ')', percent) }}
{%- endmacro %}

{# part / whole as percent with two places, of a part of either sign; cut off towards 0. NULL without a whole. #}
{% macro signed_percent_of(part, whole) -%}
    cast(case when {{ part }} < 0 then -1 else 1 end * {{ percent_of('abs(' ~ part ~ ')', whole) }} as decimal(18, 2))
{%- endmacro %}
