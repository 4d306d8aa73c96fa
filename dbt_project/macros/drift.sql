{# How a gateway's claim of a request goes wrong by its cached tokens or its tools: what each
   fault adds to the right cost, in pico-units, from the columns of int_gateway_drift's `by_book`.
   Of one part a claim has one fault; two faults that both misprice writes are no pair. The order
   decides between faults that add the same. #}
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

{# True for what a float loses, below a nano-dollar, or a claim that was rounded to micro-dollars. #}
{% macro is_rounding(remainder, claim) -%}
    (
        abs({{ remainder }}) <= 1000
        or (abs({{ remainder }}) <= 500000 and {{ split_remainder(claim, '1', '1000000') }} = 0)
    )
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
