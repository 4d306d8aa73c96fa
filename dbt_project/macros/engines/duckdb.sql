{# What DuckDB says in its own words. Everything else of the request stage is SQL that Spark reads, too:
   docs/spark.md, tests/engines. #}

{% macro duckdb__all_but(columns, of) -%}
    {{ of ~ '.' if of }}* exclude ({{ columns }})
{%- endmacro %}

{% macro duckdb__whole(number) -%}
    cast({{ number }} as hugeint)
{%- endmacro %}

{% macro duckdb__quotient(number, by) -%}
    (({{ number }}) // {{ by }})
{%- endmacro %}

{% macro duckdb__small_quotient(number, by) -%}
    (({{ number }}) // {{ by }})
{%- endmacro %}

{% macro duckdb__json_value(column, path) -%}
    json_extract_string({{ column }}, {{ text_literal('$."' ~ path | join('"."') ~ '"') }})
{%- endmacro %}

{% macro duckdb__json_values(column, paths) -%}
    {%- set places = [] -%}
    {%- for path in paths -%}
        {%- do places.append(text_literal('$."' ~ path | join('"."') ~ '"')) -%}
    {%- endfor -%}
    {{ 'json_extract_string(' ~ column ~ ', [' ~ places | join(', ') ~ '])' if places else 'cast(null as varchar[])' }}
{%- endmacro %}

{# Lists are counted from one. #}
{% macro duckdb__first_place() -%}
    {{ return(1) }}
{%- endmacro %}

{# Files of an earlier release lack columns; what files of a later one have more is left out. #}
{% macro duckdb__open_landed_files(view, files, of) -%}
    {%- if execute -%}
    {%- set columns, paths = [], [] -%}
    {%- for column in columns_of(source('landing', view)) -%}
        {%- do columns.append(adapter.quote(column[0])) -%}
    {%- endfor -%}
    {%- call statement('files', fetch_result=True, auto_begin=False) -%}
        select files.path
        from {{ source('seen', of ~ 'files') }} as files
        inner join ({{ files }}) as wanted on files.name = wanted.file
    {%- endcall -%}
    {%- for row in load_result('files').data -%}
        {%- do paths.append(text_literal(row[0])) -%}
    {%- endfor -%}
    create or replace view {{ source('landing', view) }} as
    select {{ columns | join(', ') }}
    from (
        select * from {{ source('seen', of ~ 'files').incorporate(path={'identifier': of ~ 'columns'}) }}
        {%- if paths %}
        union all by name
        select * from read_parquet([{{ paths | sort | join(', ') }}], union_by_name = true)
        {%- endif %}
    ) as landed
    {%- endif -%}
{%- endmacro %}

{% macro duckdb__merged_objects(texts, flat) -%}
    cast(json_merge_patch(
        {%- for text in texts | reverse %}
        cast(coalesce({{ text }}, '{}') as json){{ "," if not loop.last }}
        {%- endfor %}
    ) as varchar)
{%- endmacro %}

{# Of what a record of request_context says its tags, labels, metadata and headers, as attributes have them. #}
{% macro duckdb__evidence_of(attributes) -%}
    nullif(cast(json_merge_patch('{}', json_object(
        {%- for group in ['tags', 'labels', 'metadata', 'headers'] %}
        '{{ group }}', json_extract({{ attributes }}, '$.{{ group }}'){{ "," if not loop.last }}
        {%- endfor %}
    )) as varchar), '{}')
{%- endmacro %}

{% macro duckdb__unnamed_of(attributes) -%}
    cast(json_extract({{ attributes }}, '$.unnamed') as varchar)
{%- endmacro %}
