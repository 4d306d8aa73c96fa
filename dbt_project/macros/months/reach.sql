{# True where a billing month reads a charge or a part of one: it is the month's, or its hours are, or it is of a
   day or less and lies within a day of the month. #}
{% macro is_read_by_month(charge, month) -%}
    (
        {{ charge }}.billing_month = {{ month }}
        or ({{ charge }}.charge_period_start < {{ month_end(month) }} and {{ month }} < {{ charge }}.charge_period_end)
        or (
            not {{ is_longer_than_a_day(charge) }}
            and {{ charge }}.charge_period_start < {{ month_end(month) }} + interval 24 hour
            and {{ month }} - interval 24 hour < {{ charge }}.charge_period_end
        )
    )
{%- endmacro %}

{% macro month_end(month) -%}
    ({{ month }} + interval 1 month)
{%- endmacro %}

{% macro is_longer_than_a_day(charge) -%}
    ({{ charge }}.charge_period_end > {{ charge }}.charge_period_start + interval 25 hour)
{%- endmacro %}
