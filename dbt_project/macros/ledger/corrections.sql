{# Whether a correction for this reason needs nobody's word: `corrections` of tollbook.yaml. #}
{% macro posts_by_itself(reason) -%}
    {%- if var('corrections_by_themselves') -%}
    {{ reason }} in ('{{ var("corrections_by_themselves") | join("', '") }}')
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}
