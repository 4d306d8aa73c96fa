{# What a workspace has: orchestration/dbt/written_for.py. #}

{# True where more than one source logs requests; of one source no call is told twice, and models about such
   calls have no row and cost none. #}
{% macro may_be_told_twice() -%}
    {{ return(var('request_sources') > 1) }}
{%- endmacro %}

{# True where any record has landed that says something of requests in other objects; where nothing has, models about it have no row and cost none. #}
{% macro has_contexts() -%}
    {{ return(var('has_contexts')) }}
{%- endmacro %}
