{# True where a price is the one in force for a use: same key, its moment, its context band. `usage`
   has provider, model, meter, service_tier, started_at and context_quantity. #}
{% macro price_in_force(price, usage) -%}
    {{ usage }}.provider = {{ price }}.provider
            and {{ usage }}.model = {{ price }}.model
            and {{ usage }}.meter = {{ price }}.meter
            and {{ usage }}.service_tier = {{ price }}.service_tier
            and {{ price }}.valid_from <= {{ usage }}.started_at
            and {{ usage }}.started_at < {{ price }}.valid_to
            and ({{ price }}.context_above = 0 or {{ price }}.context_above < {{ usage }}.context_quantity)
            and ({{ price }}.context_up_to is null or {{ usage }}.context_quantity <= {{ price }}.context_up_to)
{%- endmacro %}
