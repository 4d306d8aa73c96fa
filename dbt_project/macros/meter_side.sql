{# Meters of the input side can stand for each other (a meter shift); the others stand for themselves. #}
{% macro meter_side(meter) -%}
    case
        when {{ meter }} in ('input', 'cache_read', 'cache_write_5m', 'cache_write_1h') then 'input'
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
