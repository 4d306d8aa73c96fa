{# Every column but these, which are listed with commas, of one relation or of all of the `from`. #}
{% macro all_but(columns, of=none) -%}
    {{ adapter.dispatch('all_but')(columns, of) }}
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
