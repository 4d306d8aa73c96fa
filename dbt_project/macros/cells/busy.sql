{# How long a request kept a deployment busy, in whole milliseconds. #}
{% macro busy_ms(request) -%}
    greatest(
        cast(
            coalesce(
                round({{ request }}.latency_ms),
                {{ milliseconds_between(request ~ '.started_at', request ~ '.ended_at') }},
                0
            ) as bigint
        ),
        0
    )
{%- endmacro %}
