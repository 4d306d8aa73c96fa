{# The fields that attribution_rules.csv uses, in one order. Models that evaluate rules are written
   for these fields only, so a workspace without rules does nothing at all. #}
{% macro rule_fields() -%}
    {{ return(var('rule_fields')) }}
{%- endmacro %}

{# What a field of a rule is on a request of int_requests_identified. #}
{% macro rule_value(field) -%}
    {%- set columns = var('request_fields') -%}
    {%- set kind = field.split(':')[0] -%}
    {%- if kind == 'tag' -%}
        {{ owner_place(field, 'any') }}
    {%- elif kind in ('metadata', 'header') -%}
        coalesce({{ owner_place(field, 'any') }}, {{ unnamed_value(field) }})
    {%- elif field in columns -%}
        nullif({{ trimmed(columns[field]) }}, '')
    {%- else -%}
        {{ exceptions.raise_compiler_error("attribution_rules.csv: unknown field '" ~ field ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{# What stands for the value of a place that nobody had named when its record was read: `hmac:<hex>`
   of a short word, NULL of any other. A rule's literal value is compared with it, a glob cannot be. #}
{% macro unnamed_value(place) -%}
    {{ json_value('unnamed_attributes', [place]) }}
{%- endmacro %}

{# One key for all requests that say the same in these fields; lengths keep `a`, `bc` from `ab`, `c`, and
   names the value of one field from that of another: days are built under the fields of their time. #}
{% macro rule_key(fields) -%}
    {%- if fields -%}
    md5(concat(
        {%- for field in fields %}
        coalesce(
            concat({{ text_literal(field ~ '=') }}, length({{ rule_value(field) }}), ':', lower({{ rule_value(field) }})),
            '-'
        ){{ "," if not loop.last }}
        {%- endfor %}
    ))
    {%- else -%}
    cast(null as string)
    {%- endif -%}
{%- endmacro %}
