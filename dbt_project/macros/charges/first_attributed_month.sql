{# The month of `since`, or else of the first day with logs; NULL without either. #}
{% macro first_attributed_month(first_day) -%}
    {{ first_of_month("timestamp '" ~ var('since') ~ "'" if var('since') else first_day) }}
{%- endmacro %}
