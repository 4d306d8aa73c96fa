{# Meters of one side can stand for each other (a meter shift); the others stand for themselves. #}
{% macro meter_side(meter) -%}
    case
        {%- for side, meters in var('meter_sides').items() | groupby(1) %}
        when {{ meter }} in ('{{ meters | map(attribute=0) | join("', '") }}') then '{{ side }}'
        {%- endfor %}
        else {{ meter }}
    end
{%- endmacro %}

{% macro token_meters() -%}
    {{ return(var('meters') | reject('in', var('meter_units')) | list) }}
{%- endmacro %}

{# True for a meter that counts tokens, not pieces. #}
{% macro is_token_meter(meter) -%}
    {{ meter }} in ('{{ token_meters() | join("', '") }}')
{%- endmacro %}

{# What one unit of a meter is. #}
{% macro meter_unit(meter) -%}
    case {{ meter }}
        {%- for counted, unit in var('meter_units').items() %}
        when '{{ counted }}' then '{{ unit }}'
        {%- endfor %}
        else 'token'
    end
{%- endmacro %}

{# Pieces whose tokens are the same thing, with those tokens' meter. #}
{% macro counted_as_tokens() -%}
    {{ return(var('counted_as_tokens')) }}
{%- endmacro %}
