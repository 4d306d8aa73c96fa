{# The stage goes with the process. What its relations look like stays in the warehouse, without a row: dbt
   asks for their columns before it tests a model that reads them, and what is built alone finds no day in
   hand. orchestration/dbt/day_files.py makes the stage of it. #}
{% macro keep_shape(relation) %}
    {%- call statement('shape') %}
        create schema if not exists {{ target_database() }}.shapes;
        create or replace table {{ target_database() }}.shapes.{{ relation.identifier }} as
        select * from {{ relation }} where false
    {%- endcall -%}
    {%- do adapter.commit() -%}
{% endmacro %}

{% macro target_database() -%}
    {{ return(target.database) }}
{%- endmacro %}
