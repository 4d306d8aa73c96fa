{# What Spark (4.0 and later) says in its own words. #}

{% macro spark__all_but(columns, of) -%}
    {{ of ~ '.' if of }}* except ({{ columns }})
{%- endmacro %}
