{# What Spark (4.1 and later) says in its own words. #}

{# Files of days are what DuckDB keeps: here the rows of the days in hand are a table, of which they are made. #}
{% materialization day_files, adapter='spark' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- call statement('main') %}create table {{ target }} using parquet as {{ sql }}{% endcall -%}
    {{- return({'relations': [target]}) }}
{% endmaterialization %}

{% macro spark__written_relation(name, made) -%}
    {{ return(made) }}
{%- endmacro %}

{# One pattern names each file, as a folder may hold others; a column that a file lacks is NULL there. The
   table is there, empty: orchestration/dbt/spark/exchange.py. #}
{% macro spark__open_landed_files(view, files, of) -%}
    {%- if execute -%}
    {%- set table, columns, paths = source('landing', view), [], [] -%}
    {%- for column in columns_of(table) -%}
        {%- do columns.append(adapter.quote(column[0]) ~ ' ' ~ column[1]) -%}
    {%- endfor -%}
    {%- call statement('files', fetch_result=True) -%}
        select files.path
        from {{ source('seen', 'files') }} as files
        inner join ({{ files }}) as wanted on files.name = wanted.file
    {%- endcall -%}
    {%- for row in load_result('files').data -%}
        {%- do paths.append(row[0].removeprefix('/')) -%}
    {%- endfor -%}
    {%- if paths -%}
    {%- call statement('empty') -%}drop table {{ table }}{%- endcall -%}
    create table {{ table }} ({{ columns | join(', ') }}) using parquet
    options (path {{ text_literal('file:///{' ~ paths | sort | join(',') ~ '}') }})
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro spark__all_but(columns, of) -%}
    {{ of ~ '.' if of }}* except ({{ columns }})
{%- endmacro %}

{% macro spark__once() -%}
    rand() < 2
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

{# The same number as DuckDB's: the last eight bytes, the least first. #}
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

{# Spark's text of an instant is of the session's zone and leaves it out. #}
{% macro spark__instant_text(instant) -%}
    concat(cast({{ instant }} as string), '+00')
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

{% macro spark__merged_objects(texts, flat) -%}
    {%- set shape = 'map<string, string>' if flat
        else 'struct<tags: map<string, string>, labels: array<string>, metadata: map<string, string>, headers: map<string, string>>' -%}
    to_json(aggregate(
        transform(array({{ texts | reverse | join(', ') }}), said -> from_json(coalesce(said, '{}'), '{{ shape }}')),
        from_json('{}', '{{ shape }}'),
        (merged, said) ->
        {%- if flat %}
            {{ _spark_merged_maps('merged', 'said') }}
        {%- else %}
            named_struct(
                'tags', {{ _spark_merged_maps('merged.tags', 'said.tags') }},
                'labels', coalesce(said.labels, merged.labels),
                'metadata', {{ _spark_merged_maps('merged.metadata', 'said.metadata') }},
                'headers', {{ _spark_merged_maps('merged.headers', 'said.headers') }}
            )
        {%- endif %}
    ))
{%- endmacro %}

{% macro _spark_merged_maps(merged, said) -%}
    map_concat(
        map_filter(
            coalesce({{ merged }}, cast(map() as map<string, string>)),
            (name, value) -> not coalesce(map_contains_key({{ said }}, name), false)
        ),
        coalesce({{ said }}, cast(map() as map<string, string>))
    )
{%- endmacro %}

{% macro spark__evidence_of(attributes) -%}
    nullif(
        to_json(from_json(
            {{ attributes }},
            'struct<tags: map<string, string>, labels: array<string>, metadata: map<string, string>, headers: map<string, string>>'
        )),
        '{}'
    )
{%- endmacro %}

{% macro spark__unnamed_of(attributes) -%}
    get_json_object({{ attributes }}, '$.unnamed')
{%- endmacro %}
