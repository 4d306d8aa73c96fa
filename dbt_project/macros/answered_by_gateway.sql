{# True for an answer from the gateway's response cache: the provider was not asked. A prompt cache
   of the provider is not meant. #}
{% macro answered_by_gateway(cache_layer) -%}
    (coalesce({{ cache_layer }}, 'none') not in ('none', 'provider_prefix'))
{%- endmacro %}
