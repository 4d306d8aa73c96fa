{# One row per request of `spared` (requests and meters of which a cache spared the price): what they would have
   cost at the price as of then; NULL where any of it has none. #}
{% macro spared_costs(spared, prices) -%}
    select
        {{ spared }}.request_key,
        {{ spared }}.usage_date,
        case
            when count(*) = count({{ prices }}.contracted_pico_per_million)
                then sum({{ cost_pico(spared ~ '.quantity', prices ~ '.contracted_pico_per_million') }})
        end as contracted_cost_pico
    from {{ spared }}
    left join {{ prices }} on {{ price_in_force(prices, spared) }}
    group by {{ spared }}.request_key, {{ spared }}.usage_date
{%- endmacro %}

{# What caches spared a request: of an answer from the gateway's own cache all of it, of a prompt that the
   provider had cached what the tokens read cost as fresh ones, less what they did cost. NULL is unknown. #}
{% macro avoided_cost(requests, costs, spared) -%}
    case
        when {{ answered_by_gateway(requests ~ '.cache_layer') }} then {{ from_pico(spared ~ '.contracted_cost_pico') }}
        when {{ requests }}.is_untold then cast(null as decimal(38, 12))
        when {{ costs }}.cache_read is null then cast(0 as decimal(38, 12))
        else {{ from_pico(
            'coalesce(' ~ cost_pico(costs ~ '.cache_read', costs ~ '.input_pico_per_million') ~ ', '
            ~ spared ~ '.contracted_cost_pico) - ' ~ costs ~ '.cache_read_pico'
        ) }}
    end
{%- endmacro %}

{# Columns of a hit that say what it spared, where its log counts nothing as used: docs/decisions.md, 93. #}
{% macro spared_quantities() -%}
    {%- set columns = ['context_quantity'] -%}
    {%- for meter in token_meters() %}{% do columns.append(meter ~ '_quantity') %}{% endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# They, with what `raw_usage` says under `spared`: a meter's own quantity goes before it. #}
{% macro with_spared(hits) -%}
    {%- set input_side = ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'audio_input', 'image_input'] -%}
    case
        when coalesce({{ hits }}.context_quantity, 0) > 0 then {{ hits }}.context_quantity
        else
            {%- for meter in input_side %}
            {{ '+ ' if not loop.first }}coalesce({{ spared_quantity(hits, meter) }}, 0)
            {%- endfor %}
    end as context_quantity
    {%- for meter in token_meters() %},
    coalesce(nullif({{ hits }}.{{ meter }}_quantity, 0), {{ spared_quantity(hits, meter) }}) as {{ meter }}_quantity
    {%- endfor %}
{%- endmacro %}

{% macro spared_quantity(hits, meter) -%}
    try_cast({{ json_value(hits ~ '.raw_usage', ['spared', meter]) }} as bigint)
{%- endmacro %}
