{# What Spark (4.1 and later) says in its own words. #}

{% macro spark__all_but(columns, of) -%}
    {{ of ~ '.' if of }}* except ({{ columns }})
{%- endmacro %}

{% macro spark__each_once(column) -%}
    array_join(array_sort(collect_set({{ column }})), ';')
{%- endmacro %}

{# Of whole milliseconds, as DuckDB counts them. #}
{% macro spark__milliseconds_between(first, last) -%}
    timestampdiff(
        millisecond, date_trunc('millisecond', {{ first }}), date_trunc('millisecond', {{ last }})
    )
{%- endmacro %}

{# A backslash is special in Spark's literals. #}
{% macro spark__text_literal(text) -%}
    '{{ text | replace("\\", "\\\\") | replace("'", "''") }}'
{%- endmacro %}

{# `trim` takes the space alone; \p{Zs} is every kind of it. #}
{% macro spark__trimmed(text) -%}
    regexp_replace({{ text }}, '^\\p{Zs}+|\\p{Zs}+$', '')
{%- endmacro %}

{# A path of get_json_object cannot name every key; a map can. #}
{% macro spark__json_value(column, path) -%}
    {%- if path | length == 1 -%}
    try_element_at(from_json({{ column }}, 'map<string, string>'), {{ text_literal(path[0]) }})
    {%- else -%}
    try_element_at(
        from_json({{ column }}, 'struct<{{ path[0] }}: map<string, string>>').{{ path[0] }},
        {{ text_literal(path[1]) }}
    )
    {%- endif -%}
{%- endmacro %}

{# Products of decimals keep their scale only where both sizes together have 38 digits. #}
{% macro spark__to_pico(amount) -%}
    cast(cast({{ amount }} as decimal(24, 12)) * cast(1000000000000 as decimal(13, 0)) as decimal(38, 0))
{%- endmacro %}

{% macro spark__from_pico(pico) -%}
    cast(cast({{ pico }} as decimal(25, 0)) * cast(0.000000000001 as decimal(12, 12)) as decimal(38, 12))
{%- endmacro %}

{# Of whole decimals products are whole, or refused where 38 digits do not hold them. #}
{% macro spark__whole(number) -%}
    cast({{ number }} as decimal(38, 0))
{%- endmacro %}

{# `div` of decimals wraps silently beyond a bigint: what is divided here leaves no rest. #}
{% macro spark__quotient(number, by) -%}
    cast((({{ number }}) - ({{ number }}) % {{ by }}) / {{ by }} as decimal(38, 0))
{%- endmacro %}

{% macro spark__small_quotient(number, by) -%}
    (({{ number }}) div {{ by }})
{%- endmacro %}

{# The same number as DuckDB's md5_number_lower: the last eight bytes, the least first. #}
{% macro spark__hash_of_rows(text) -%}
    sum(cast(conv(concat(
        {%- for place in range(31, 15, -2) %}
        substr(md5({{ text }}), {{ place }}, 2){{ "," if not loop.last }}
        {%- endfor %}
    ), 16, 10) as decimal(20, 0)))
{%- endmacro %}

{% macro spark__utc(instant) -%}
    cast({{ instant }} as timestamp_ntz)
{%- endmacro %}

{% macro spark__start_of(period, utc_timestamp) -%}
    cast(date_trunc('{{ period }}', {{ utc_timestamp }}) as timestamp_ntz)
{%- endmacro %}

{% macro spark__showback_date(utc_timestamp) -%}
    cast(convert_timezone('UTC', '{{ var("timezone") }}', {{ utc_timestamp }}) as date)
{%- endmacro %}

{% macro spark__each_text(texts) -%}
    explode(transform(split({{ texts }}, ';'), one -> trim(one)))
{%- endmacro %}
