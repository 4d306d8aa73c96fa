{# One cell of a CSV. #}
{% macro csv_cell(value) -%}
    case
        when instr({{ value }}, ',') + instr({{ value }}, '"') + instr({{ value }}, chr(10)) = 0
            then {{ value }}
        else '"' || replace({{ value }}, '"', '""') || '"'
    end
{%- endmacro %}
