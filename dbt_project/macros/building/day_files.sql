{# A model whose rows are files, one a day, named by what decides the day; the relation is a view on those of
   all days. Files of the days in hand are written straight from the model's query, which has `usage_date`, a day
   after the other: a table between would hold all of their rows once more. They have another name until
   they are whole. Without any day it is a table without rows. #}
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
    {%- set written = {} -%}
    {%- for day in days -%}
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
