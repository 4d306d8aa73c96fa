{# One statement in one transaction instead of two renames and a drop, each with a look into the
   catalog: of 117 models that was every third second of a small run. Hooks run where dbt runs them;
   the contract is held against what was built, which asks the database once and plans nothing again;
   where it is broken the transaction ends and what stood before stands. #}
{% materialization table, adapter='duckdb' %}
    {{ return(create_or_replace('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(create_or_replace('view')) }}
{% endmaterialization %}

{% macro create_or_replace(kind) %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type=kind) -%}
    {%- do refuse_grants(target) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=False) -%}
    {%- do run_hooks(pre_hooks, inside_transaction=True) -%}
    {%- call statement('main') %}
        {#- a release may make a table of a view #}
        {%- if existing is not none and existing.type != kind %}
        drop {{ existing.type }} {{ existing }};
        {%- endif %}
        create or replace {{ kind }} {{ target }} as (
            {{- sql }}
        )
    {%- endcall %}
    {%- do hold_contract(target) -%}
    {%- do write_comments(target) -%}
    {%- do run_hooks(post_hooks, inside_transaction=True) -%}
    {%- do adapter.commit() %}
    {%- if this.database != target_database() %}
    {%- do keep_shape(target) -%}
    {%- endif %}
    {%- do run_hooks(post_hooks, inside_transaction=False) -%}
    {{- return({'relations': [target]}) }}
{% endmacro %}

{% macro refuse_grants(relation) %}
    {%- if config.get('grants') -%}
        {%- do exceptions.raise_compiler_error(
            relation ~ ' asks for grants: DuckDB has no users to grant to, who may read the file may read all of it'
        ) -%}
    {%- endif -%}
{% endmacro %}

{# Names and types of a contracted model's columns are those of its YAML, in any order. #}
{% macro hold_contract(relation) %}
    {%- if config.get('contract').enforced -%}
        {%- set built, broken = {}, [] -%}
        {%- for column in columns_of(relation) -%}
            {%- do built.update({column[0]: plain_type(column[1])}) -%}
        {%- endfor -%}
        {%- for name, column in model.columns.items() -%}
            {%- if name not in built -%}
                {%- do broken.append('`' ~ name ~ '` is missing') -%}
            {%- elif built[name] != plain_type(column.data_type) -%}
                {%- do broken.append('`' ~ name ~ '` is ' ~ built[name] ~ ', not ' ~ plain_type(column.data_type)) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for name in built if name not in model.columns -%}
            {%- do broken.append('`' ~ name ~ '` is not in it') -%}
        {%- endfor -%}
        {%- if broken -%}
            {%- do exceptions.raise_compiler_error(relation ~ ' breaks its contract: ' ~ broken | join('; ')) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro plain_type(data_type) -%}
    {{ return(data_type | lower | replace(' ', '')) }}
{%- endmacro %}

{% macro columns_of(relation) %}
    {%- call statement('columns', fetch_result=True, auto_begin=False) %}describe {{ relation }}{% endcall -%}
    {{ return(load_result('columns').data) }}
{% endmacro %}

{# What persist_docs asks for, in one call; a contract has held every column, of other models one that a view over
   a star has not got is passed over. #}
{% macro write_comments(relation) %}
    {%- set comments = [] -%}
    {%- if config.persist_relation_docs() and model.description -%}
        {%- do comments.append('comment on ' ~ relation.type ~ ' ' ~ relation ~ ' is ' ~ comment_text(model.description)) -%}
    {%- endif -%}
    {%- if config.persist_column_docs() -%}
        {%- set held = config.get('contract').enforced or not model.columns -%}
        {%- set built = model.columns if held else columns_of(relation) | map(attribute=0) | list -%}
        {%- for name, column in model.columns.items() if name in built and column.description -%}
            {%- do comments.append(
                'comment on column ' ~ relation ~ '.' ~ adapter.quote(name) ~ ' is ' ~ comment_text(column.description)
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if comments -%}
        {%- call statement('comments') %}{{ comments | join(';\n') }}{% endcall -%}
    {%- endif -%}
{% endmacro %}

{# A description as one line of text: YAML breaks it where the page ends. #}
{% macro comment_text(description) -%}
    {{ return(text_literal(description.split() | join(' '))) }}
{%- endmacro %}

{# A model's `schema` is the schema's whole name in a warehouse that is ours alone; on a cluster it has
   the target's before it. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if target.type == 'duckdb' -%}
    {{ custom_schema_name or target.schema }}
    {%- else -%}
    {{ target.schema }}_{{ custom_schema_name or 'main' }}
    {%- endif -%}
{%- endmacro %}
