{# True where a row of int_model_names says what a raw name is at a moment. #}
{% macro model_named(names, provider, raw_model, moment) -%}
    {{ provider }} = {{ names }}.provider
            and {{ spelled(raw_model) }} = {{ names }}.raw_model
            and {{ names }}.valid_from <= {{ moment }}
            and {{ moment }} < {{ names }}.valid_to
{%- endmacro %}

{# A raw name as int_model_names spells it. #}
{% macro spelled(raw_model) -%}
    nullif(lower({{ trimmed(raw_model) }}), '')
{%- endmacro %}
