{# Every column but these, which are listed with commas, of one relation or of all of the `from`. #}
{% macro all_but(columns, of=none) -%}
    {{ adapter.dispatch('all_but')(columns, of) }}
{%- endmacro %}

{# A condition that every row meets, of a CTE that others read several times. DuckDB works such a one out once
   as it is; Spark writes out every use, but of rows that it cannot know beforehand. #}
{% macro once() -%}
    {{ adapter.dispatch('once')() }}
{%- endmacro %}

{% macro default__once() -%}
    true
{%- endmacro %}

{# A select of these columns of a relation that has no `without`: what stands in a `union all`. #}
{% macro rows_of(relation, columns, without=[]) -%}
    select
        {%- for column in columns %}
        {{ 'null as ' if column in without }}{{ column }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}

{# Every text of a list with `;` between its texts, one row each. #}
{% macro each_text(texts) -%}
    {{ adapter.dispatch('each_text')(texts) }}
{%- endmacro %}

{% macro default__each_text(texts) -%}
    trim(unnest(string_split({{ texts }}, ';')))
{%- endmacro %}

{# The distinct texts of a group's rows as such a list, in order. #}
{% macro each_once(column) -%}
    {{ adapter.dispatch('each_once')(column) }}
{%- endmacro %}

{% macro default__each_once(column) -%}
    string_agg(distinct {{ column }}, ';' order by {{ column }} nulls last)
{%- endmacro %}
