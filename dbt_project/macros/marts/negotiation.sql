{# A model's name without what a seller adds to it: `anthropic/claude-haiku-4.5` of OpenRouter and
   `global.anthropic.claude-haiku-4-5-20251001-v1:0` of AWS are claude-haiku-4-5. #}
{% macro name_at_any_seller(model) -%}
    replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(regexp_replace(lower({{ model }}), '^.*/', ''), '^(global|regional)[.]', ''),
                '^[a-z0-9]+[.]([a-z])',
                '\1'
            ),
            '(-[0-9]{8})?-v[0-9]+(:[0-9]+)?$',
            ''
        ),
        '.',
        '-'
    )
{%- endmacro %}
