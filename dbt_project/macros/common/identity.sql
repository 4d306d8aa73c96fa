{# One text key from many columns; NULL and the empty text stay apart. Where a value has a `|` itself the
   lengths of all are added: any caller can write `a|b`, `c` and `a`, `b|c` into two tags. `numbers`: those of
   the columns that are numbers or times, where nobody needs to look for one. #}
{% macro key_of(columns, numbers=[]) -%}
    md5(concat_ws('|',
        {%- for column in columns %}
        coalesce(cast({{ column }} as string), '~'),
        {%- endfor %}
        case
            when
                {%- for column in columns if column not in numbers %}
                {{ 'or ' if not loop.first }}instr(cast({{ column }} as string), '|') > 0
                {%- endfor %}
                then concat_ws('|',
                    {%- for column in columns %}
                    coalesce(cast(length(cast({{ column }} as string)) as string), '~'){{ "," if not loop.last }}
                    {%- endfor %}
                )
        end
    ))
{%- endmacro %}

{# A number that stands for a group of rows, each told by a text, in whatever order. Rows that repeat
   count as often as they are there, where an exclusive or would cancel them. NULL without rows. #}
{% macro hash_of_rows(text) -%}
    {{ adapter.dispatch('hash_of_rows')(text) }}
{%- endmacro %}

{# 64 bits of each: the sum has room for more rows than there can be. They are those of DuckDB's md5_number_lower,
   which reads them from a text of 128 zeros and ones, three times the time. #}
{% macro default__hash_of_rows(text) -%}
    sum(cast(md5_number({{ text }}) >> 64 as hugeint))
{%- endmacro %}

{# A glob of a reference CSV as a LIKE pattern: * is any text, nothing else is special. #}
{% macro glob_match(value, glob) -%}
    {{ value }} like
    replace(replace(replace(replace({{ glob }}, '!', '!!'), '%', '!%'), '_', '!_'), '*', '%')
    escape '!'
{%- endmacro %}

{# Literal before glob, longer glob before shorter. #}
{% macro glob_rank(glob) -%}
    case
        when instr({{ glob }}, '*') = 0 then 1000000
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

{# Any text as SQL writes it. #}
{% macro text_literal(text) -%}
    {{ adapter.dispatch('text_literal')(text) }}
{%- endmacro %}

{% macro default__text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{# A text without the blanks around it, whatever kind of blank they are. #}
{% macro trimmed(text) -%}
    {{ adapter.dispatch('trimmed')(text) }}
{%- endmacro %}

{% macro default__trimmed(text) -%}
    trim({{ text }})
{%- endmacro %}
