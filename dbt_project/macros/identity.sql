{# One text key from many columns; NULL and the empty text stay apart. #}
{% macro key_of(columns) -%}
    md5(concat_ws('|',
        {%- for column in columns %}
        coalesce(cast({{ column }} as varchar), '~'){{ "," if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{# A glob of a reference CSV as a LIKE pattern: * is any text, nothing else is special. #}
{% macro glob_match(value, glob) -%}
    {{ value }} like
    replace(replace(replace(replace({{ glob }}, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')
    escape '\'
{%- endmacro %}

{# Literal before glob, longer glob before shorter. #}
{% macro glob_rank(glob) -%}
    case
        when strpos({{ glob }}, '*') = 0 then 1000000
        else length({{ glob }})
    end
{%- endmacro %}

{# What is left of a name of these kinds of characters, in lower case and without accents; `kinds` as in
   a regular expression. #}
{% macro only_of(value, kinds) -%}
    {{ adapter.dispatch('only_of')(value, kinds) }}
{%- endmacro %}

{% macro default__only_of(value, kinds) -%}
    regexp_replace(lower(strip_accents({{ value }})), '[^{{ kinds }}]', '', 'g')
{%- endmacro %}
