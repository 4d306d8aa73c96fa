{# How a gateway's claim of a request goes wrong by its cached tokens or its tools: what each
   fault adds to the right cost, in pico-units, from the columns of int_gateway_drift's `by_book`.
   Of one part a claim has one fault; two faults that both misprice writes are no pair. The order
   decides between faults that explain a claim alike. #}
{% macro drift_faults() -%}
    {{ return([
        {'cause': 'cache_counted_twice', 'part': 'cache', 'on_writes': false, 'pico': 'reads_as_input + writes_as_input'},
        {'cause': 'cache_counted_twice', 'part': 'cache', 'on_writes': false, 'pico': 'reads_as_input'},
        {'cause': 'cache_at_input_price', 'part': 'cache', 'on_writes': false, 'pico': 'reads_as_input - reads_cost'},
        {'cause': 'cache_at_input_price', 'part': 'cache', 'on_writes': true, 'pico': 'writes_as_input - writes_cost'},
        {'cause': 'cache_at_input_price', 'part': 'cache', 'on_writes': true, 'pico': 'reads_as_input - reads_cost + writes_as_input - writes_cost'},
        {'cause': 'one_hour_price_missing', 'part': 'hour', 'on_writes': true, 'pico': 'long_writes_as_short - long_writes_cost'},
        {'cause': 'one_hour_price_missing', 'part': 'hour', 'on_writes': true, 'pico': '-long_writes_cost'},
        {'cause': 'cache_not_charged', 'part': 'cache', 'on_writes': false, 'pico': '-reads_cost'},
        {'cause': 'cache_not_charged', 'part': 'cache', 'on_writes': true, 'pico': '-writes_cost'},
        {'cause': 'cache_not_charged', 'part': 'cache', 'on_writes': true, 'pico': '-reads_cost - writes_cost'},
        {'cause': 'tools_not_charged', 'part': 'tools', 'on_writes': false, 'pico': '-searches_cost - sessions_cost'},
        {'cause': 'tools_not_charged', 'part': 'tools', 'on_writes': false, 'pico': '-searches_cost'},
        {'cause': 'tools_not_charged', 'part': 'tools', 'on_writes': false, 'pico': '-sessions_cost'},
    ]) }}
{%- endmacro %}

{# What a right claim may be off by, in pico-units: a nano-dollar of a float, or half a micro-dollar
   where the claim was rounded to micro-dollars. #}
{% macro claim_tolerance(claim) -%}
    case when {{ split_remainder(claim, '1', '1000000') }} = 0 then 500000 else 1000 end
{%- endmacro %}

{# Pairs of faults that one claim can have, by their places in drift_faults, from 1. #}
{% macro drift_pairs() -%}
    {%- set pairs = [] -%}
    {%- set faults = drift_faults() -%}
    {%- for one in faults -%}
        {%- set place = loop.index -%}
        {%- for other in faults[place:] -%}
            {%- if one.part != other.part and not (one.on_writes and other.on_writes) -%}
                {%- do pairs.append((place, place + loop.index)) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(pairs) }}
{%- endmacro %}

{# Columns of what each meter of a request costs under one book of prices; 0 where it has none. #}
{% macro drift_costs() -%}
    {%- for name, meters in [
        ('reads', "('cache_read')"),
        ('writes', "('cache_write_5m', 'cache_write_1h')"),
        ('long_writes', "('cache_write_1h')"),
        ('searches', "('web_searches')"),
        ('sessions', "('code_sessions')"),
    ] %}
        coalesce(sum(cost_pico) filter (where meter in {{ meters }}), 0) as {{ name }}_cost,
        coalesce(sum(quantity) filter (where meter in {{ meters }}), 0) as {{ name }},
    {%- endfor %}
        max(pico_per_million) filter (where meter = 'input') as input_price,
        max(pico_per_million) filter (where meter = 'cache_write_5m') as short_write_price
{%- endmacro %}
