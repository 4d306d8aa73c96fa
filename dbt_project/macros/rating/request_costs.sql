{# The cost of a request, of which `costs` has a row or none: what used nothing cost nothing, what nobody told is
   unknown. #}
{% macro known_cost(requests, costs) -%}
    case
        when {{ requests }}.is_untold then null
        when {{ costs }}.request_key is null then 0
        else {{ costs }}.cost_pico
    end
{%- endmacro %}

{# What was paid for nothing, each request under the first that it is: docs/decisions.md, 128. #}
{% macro waste_kinds() -%}
    {{ return(['abandoned', 'failed', 'retried', 'duplicated']) }}
{%- endmacro %}

{# The least of the values below or at which this part of them lies; values are whole numbers or NULL. #}
{% macro value_at(part, of) -%}
    percentile_disc({{ part }}) within group (order by {{ of }} nulls last)
{%- endmacro %}

{# A whole number that is not negative, rounded up to two digits: 123 is 130. #}
{% macro two_digits(number) -%}
    {%- set unit = "concat('1', repeat('0', greatest(length(cast(" ~ number ~ " as string)) - 2, 0)))" -%}
    {%- set n, u = whole(number), whole(unit) -%}
    cast({{ quotient(n ~ ' + ' ~ u ~ ' - 1', u) }} * {{ u }} as decimal(38, 0))
{%- endmacro %}
