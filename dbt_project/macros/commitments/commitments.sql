{# How many commitments of one provider are in force at once at most: as many times usage is handed
   on. Without commitments nothing is done at all. #}
{% macro commitments_in_line() -%}
    {{ return(var('commitments_in_line')) }}
{%- endmacro %}

{# What a field of a scope is on usage; a field that does not say anything is like no glob. #}
{% macro scope_value(field, usage) -%}
    lower(case {{ field }}
        {%- for name, column in var('usage_fields').items() %}
        when '{{ name }}' then {{ usage }}.{{ column }}
        {%- endfor %}
    end)
{%- endmacro %}
