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
