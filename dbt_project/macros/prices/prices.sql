{# True where a price is the one in force for a use: same key, its moment, its context band; of a price
   with volume bands the first (int_volume_uses splits a month's use over the others). `usage` has
   provider, model, meter, service_tier, price_region, started_at and context_quantity. #}
{% macro price_in_force(price, usage) -%}
    {{ price_of_use(price, usage) }}
            and {{ price }}.volume_above = 0
{%- endmacro %}

{# The same with all its volume bands. #}
{% macro price_of_use(price, usage) -%}
    {{ usage }}.provider = {{ price }}.provider
            and {{ usage }}.model = {{ price }}.model
            and {{ usage }}.meter = {{ price }}.meter
            and {{ usage }}.service_tier = {{ price }}.service_tier
            and {{ usage }}.price_region = {{ price }}.region
            and {{ price }}.valid_from <= {{ usage }}.started_at
            and {{ usage }}.started_at < {{ price }}.valid_to
            and ({{ price }}.context_above = 0 or {{ price }}.context_above < {{ usage }}.context_quantity)
            and ({{ price }}.context_up_to is null or {{ usage }}.context_quantity <= {{ price }}.context_up_to)
{%- endmacro %}

{# A price_id as that of all volume bands of its price. #}
{% macro without_volume_band(price_id) -%}
    regexp_replace({{ price_id }}, '/above [0-9]+/', '/')
{%- endmacro %}

{# Joins a relation of requests to int_request_fees: at most one row. #}
{% macro fee_in_force(fee, request) -%}
    {{ request }}.provider = {{ fee }}.provider
            and {{ request }}.model = {{ fee }}.model
            and {{ request }}.price_region = {{ fee }}.region
            and {{ fee }}.valid_from <= {{ request }}.started_at
            and {{ request }}.started_at < {{ fee }}.valid_to
{%- endmacro %}
