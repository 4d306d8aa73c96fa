{# Instants become plain UTC timestamps at the border; every range is half-open. #}

{% macro utc(instant) -%}
    {{ adapter.dispatch('utc')(instant) }}
{%- endmacro %}

{% macro default__utc(instant) -%}
    ({{ instant }} at time zone 'UTC')
{%- endmacro %}

{# The date of a UTC timestamp on the wall calendar of the workspace. #}
{% macro showback_date(utc_timestamp) -%}
    {{ adapter.dispatch('showback_date')(utc_timestamp) }}
{%- endmacro %}

{% macro default__showback_date(utc_timestamp) -%}
    cast({{ utc_timestamp }} at time zone 'UTC' at time zone '{{ var("timezone") }}' as date)
{%- endmacro %}

{% macro first_of_month(day) -%}
    cast(date_trunc('month', {{ day }}) as date)
{%- endmacro %}

{% macro last_of_month(day) -%}
    cast(date_trunc('month', {{ day }}) + interval 1 month - interval 1 day as date)
{%- endmacro %}

{# The first of every month in [first, until), both firsts of a month, one row each. #}
{% macro each_month(first, until) -%}
    {{ adapter.dispatch('each_month')(first, until) }}
{%- endmacro %}

{% macro default__each_month(first, until) -%}
    cast(unnest(generate_series({{ first }}, {{ until }} - interval 1 day, interval 1 month)) as date)
{%- endmacro %}
