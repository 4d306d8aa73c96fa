{# One statement in one transaction instead of two renames and a drop, each with a look into the
   catalog: of 117 models that was every third second of a small run. Hooks and grants, which no
   such model has, are not among it. #}
{% materialization table, adapter='duckdb' %}
    {{ return(create_or_replace('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(create_or_replace('view')) }}
{% endmaterialization %}

{% macro create_or_replace(kind) %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type=kind) -%}
    {%- call statement('main') %}
        {#- a release may make a table of a view #}
        {%- if existing is not none and existing.type != kind %}
        drop {{ existing.type }} {{ existing }};
        {%- endif %}
        create or replace {{ kind }} {{ target }} as (
            {{- sql }}
        )
    {%- endcall %}
    {%- do adapter.commit() %}
    {{- return({'relations': [target]}) }}
{% endmacro %}
