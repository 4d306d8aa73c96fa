{# Whether a correction for this reason needs nobody's word: `corrections` of tollbook.yaml. #}
{% macro posts_by_itself(reason) -%}
    {%- if var('corrections_by_themselves') -%}
    {{ reason }} in ('{{ var("corrections_by_themselves") | join("', '") }}')
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}

{# What splitting a charge in turns may round a cell's money by: a millionth of a unit of the currency. #}
{% macro pico_of_rounding() -%}
    1000000
{%- endmacro %}
