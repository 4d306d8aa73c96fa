{# True for an answer from the gateway's response cache: the provider was not asked. A prompt cache
   of the provider is not meant. #}
{% macro answered_by_gateway(cache_layer) -%}
    (coalesce({{ cache_layer }}, 'none') not in ('none', 'provider_prefix'))
{%- endmacro %}

{# True where a request's meter can be billed. Pieces are not where their tokens are: one thing is
   counted once. #}
{% macro is_billable(meter) -%}
    {{ meter }}_quantity > 0
    and not {{ answered_by_gateway('cache_layer') }}
    {%- if meter in counted_as_tokens() %}
    and coalesce({{ counted_as_tokens()[meter] }}_quantity, 0) = 0
    {%- endif %}
{%- endmacro %}

{# True for an answered request of which nobody told any quantity, or 0 of all: unknown is not none. What
   asks no model has none. #}
{% macro tells_no_usage() -%}
    coalesce(
            status = 'success'
            and not {{ answered_by_gateway('cache_layer') }}
            and coalesce(operation, '') not in ('management', 'tool')
            {%- for meter in var('meters') %}
            and coalesce({{ meter }}_quantity, 0) = 0
            {%- endfor %},
            false
        )
{%- endmacro %}
