{# The providers whose answers say in `usage` what the call was charged: OpenRouter's `cost`, in credits, which are
   dollars; xAI's `cost_in_usd_ticks`, of which 10,000,000,000 are a dollar, and `cost` where a gateway has made
   it of them. Any other provider's `cost` is the gateway's own. #}
{% macro providers_that_state() -%}
    {{ return(['openrouter', 'xai']) }}
{%- endmacro %}

{# What the provider itself says that a request cost, in pico-units; NULL where it says nothing, less than
   nothing or more than a million dollars, and of answers from the gateway's cache, which repeat another's. #}
{% macro stated_pico(request) -%}
    case
        when {{ answered_by_gateway(request ~ '.cache_layer') }} then null
        else {{ stated_amount(request) }}
    end
{%- endmacro %}

{% macro stated_amount(request) -%}
    {%- set usage = request ~ '.raw_usage' -%}
    {%- set ticks = 'try_cast(' ~ json_value(usage, ['cost_in_usd_ticks']) ~ ' as decimal(28, 0))' -%}
    {%- set dollars = 'try_cast(' ~ json_value(usage, ['cost']) ~ ' as decimal(28, 12))' -%}
    case
        when {{ request }}.provider = 'xai' and {{ ticks }} between 0 and 10000000000000000
            then cast({{ ticks }} * 100 as decimal(38, 0))
        when {{ dollars }} between 0 and 1000000 then {{ to_pico(dollars) }}
    end
{%- endmacro %}
