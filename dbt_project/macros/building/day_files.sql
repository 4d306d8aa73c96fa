{# A model whose rows are files, one a day, named by what decides the day; the relation is a view on those of
   all days. Files of the days in hand are written straight from the model's query, which has `usage_date`: a table
   between would hold all of their rows once more. They have another name until they are whole. Without any day it is
   a table without rows. #}
{% materialization day_files, adapter='duckdb' %}
    {%- set folder = env_var('TOLLBOOK_REQUESTS', 'by_hand/marts.requests') -%}
    {%- do refuse_grants(this) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
    {%- set written = write_days_in_hand(folder) -%}
    {%- set files = [] -%}
    {%- for day in rows_found(current_days()) | sort -%}
        {%- do files.append(text_literal(folder ~ '/' ~ day_file(day))) -%}
    {%- endfor -%}
    {%- set target = this.incorporate(type='view' if files else 'table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- call statement('main') %}
        {%- if existing is not none and existing.type != target.type %}
        drop {{ existing.type }} {{ existing }};
        {%- endif %}
        {%- if files %}
        create or replace view {{ target }} as select * from read_parquet([{{ files | join(', ') }}])
        {%- else %}
        create or replace table {{ target }} as select * from ({{ sql }}) as none_of_it where false
        {%- endif %}
    {%- endcall %}
    {%- call statement('in_hand') %}
        create or replace view {{ files_in_hand(this.identifier) }} as
        {%- if written %}
        select * from read_parquet([{{ written | join(', ') }}])
        {%- else %}
        select * from {{ target }} where false
        {%- endif %}
    {%- endcall %}
    {%- do hold_contract(target) -%}
    {%- do write_comments(target) -%}
    {%- do run_hooks(post_hooks, inside_transaction=True) -%}
    {%- do adapter.commit() %}
    {%- do run_hooks(post_hooks, inside_transaction=False) -%}
    {{- return({'relations': [target]}) }}
{% endmaterialization %}

{% macro write_days_in_hand(folder) %}
    {%- set days = rows_found(days_in_hand()) | sort -%}
    {%- set written = small_days_written(folder, days) -%}
    {%- for day in days if day_file(day) not in written.values() -%}
        {%- set temporary = '.' ~ day_file(day) | replace('/', '.') ~ '.tmp' -%}
        {%- call statement('day') %}
            copy (select * from ({{ sql }}) as rows_of_days where usage_date = date '{{ day[0] }}')
            to {{ text_literal(folder ~ '/' ~ temporary) }} (format parquet, compression zstd, compression_level 1)
        {%- endcall -%}
        {%- do written.update({temporary: day_file(day)}) -%}
    {%- endfor -%}
    {%- do adapter.store_relation('day_files', this, [], folder, 'parquet', written) -%}
    {%- set files = [] -%}
    {%- for place in written.values() %}{% do files.append(text_literal(folder ~ '/' ~ place)) %}{% endfor -%}
    {{ return(files) }}
{% endmacro %}

{# Small days, fifty by one statement: to plan one for each would be most of their cost. Of large ones a statement a day is
   cheaper. What these leave out is written day by day: a day without rows has no file of them. #}
{% macro small_days_written(folder, days) %}
    {%- set written = {} -%}
    {%- set in_hand = rows_found('select count(*) from ' ~ ref('int_requests'))[0][0] -%}
    {%- if days | length > 1 and in_hand <= 2000 * days | length -%}
    {%- for some in days | batch(50) -%}
        {%- set passing = '.' ~ this.identifier ~ '.' ~ loop.index ~ '.tmp' -%}
        {%- call statement('days', fetch_result=True) %}
            copy (
                select * from ({{ sql }}) as rows_of_days
                where date '{{ some[0][0] }}' <= usage_date and usage_date < date '{{ some[-1][0] }}' + interval 1 day
            )
            to {{ text_literal(folder ~ '/' ~ passing) }} (
                format parquet, compression zstd, compression_level 1,
                partition_by (usage_date), write_partition_columns true, overwrite true, return_files true
            )
        {%- endcall -%}
        {%- set files = fromjson(load_result('days').data[0][1]) -%}
        {%- for day in some -%}
            {%- set place = passing ~ '/usage_date=' ~ day[0] ~ '/' -%}
            {%- set of_day = [] -%}
            {%- for file in files if place in file %}{% do of_day.append(file) %}{% endfor -%}
            {%- if of_day | length == 1 %}{% do written.update({place ~ of_day[0].split('/')[-1]: day_file(day)}) %}{% endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- endif -%}
    {{ return(written) }}
{% endmacro %}

{# The view on the files of the days that this build made: to look for a day among those of all days each is opened. #}
{% macro files_in_hand(name) -%}
    {{ return(api.Relation.create(database=target.database, schema='intermediate', identifier=name ~ '_in_hand', type='view')) }}
{%- endmacro %}

{# Rows that this build wrote of a model of files, for its tests. #}
{% macro written_rows(name) -%}
    {%- set made = ref(name) -%}
    (
        select * from {{ written_relation(name, made) }}
        where usage_date in (select usage_date from {{ ref('int_requests') }})
    )
{%- endmacro %}

{% macro written_relation(name, made) -%}
    {{ return(adapter.dispatch('written_relation')(name, made)) }}
{%- endmacro %}

{% macro default__written_relation(name, made) -%}
    {{ return(files_in_hand(name)) }}
{%- endmacro %}

{% macro days_in_hand() -%}
    select
        usage_date,
        day_hash
    from {{ ref('int_days_in_hand') }}
{%- endmacro %}

{# Days whose files there are once those in hand are written. #}
{% macro current_days() -%}
    select
        day_inputs.usage_date,
        day_inputs.day_hash
    from {{ ref('int_day_inputs') }} as day_inputs
    inner join (
        select usage_date, day_hash from {{ ref('int_days_in_hand') }}
        union
        select usage_date, day_hash from {{ source('built', 'built_days') }}
    ) as made
        on day_inputs.usage_date = made.usage_date and day_inputs.day_hash = made.day_hash
{%- endmacro %}

{# Nothing, as a hook: what the files of a model are asked by, which its query does not read. #}
{% macro asked_for_day_files() -%}
    {%- set asked = [ref('int_days_in_hand'), ref('int_day_inputs'), source('built', 'built_days')] -%}
{%- endmacro %}

{% macro day_file(day) -%}
    {{ return(this.identifier ~ '/' ~ day[0] ~ '/' ~ day[1] ~ '.parquet') }}
{%- endmacro %}

{% macro rows_found(query) %}
    {%- call statement('rows_found', fetch_result=True) %}{{ query }}{% endcall -%}
    {{ return(load_result('rows_found').data) }}
{% endmacro %}
