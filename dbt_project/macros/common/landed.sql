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

{# True where two sinks of one source have landed (its log objects and its table); elsewhere no record is paired with one
   of the other. #}
{% macro has_two_sinks() -%}
    {{ return(var('has_two_sinks')) }}
{%- endmacro %}

{# True where a price is of a month's use above some volume; elsewhere a request is rated by itself. #}
{% macro has_volume_bands() -%}
    {{ return(var('has_volume_bands')) }}
{%- endmacro %}

{# True where traces have landed and prices.csv has a price by the call: what a trace calls may be a tool of that
   name. Elsewhere none of it is in the SQL. #}
{% macro has_priced_tools() -%}
    {{ return(has_contexts() and var('has_fees')) }}
{%- endmacro %}
