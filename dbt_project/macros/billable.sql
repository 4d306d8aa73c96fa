{# True for an answer from the gateway's response cache: the provider was not asked. A prompt cache
   of the provider is not meant. #}
{% macro answered_by_gateway(cache_layer) -%}
    (coalesce({{ cache_layer }}, 'none') not in ('none', 'provider_prefix'))
{%- endmacro %}

{# True where a request's meter can be billed. Images are not where their tokens are: one thing is
   counted once. #}
{% macro is_billable(meter) -%}
    {{ meter }}_quantity > 0
    and not {{ answered_by_gateway('cache_layer') }}
    {%- if meter == 'images' %}
    and coalesce(image_output_quantity, 0) = 0
    {%- endif %}
{%- endmacro %}

{# True for an answered request of which nobody told any quantity: unknown is not none. #}
{% macro tells_no_usage(requests) -%}
    {{ requests }}.status = 'success'
        and not {{ answered_by_gateway(requests ~ '.cache_layer') }}
        {%- for meter in var('meters') %}
        and {{ requests }}.{{ meter }}_quantity is null
        {%- endfor %}
{%- endmacro %}
