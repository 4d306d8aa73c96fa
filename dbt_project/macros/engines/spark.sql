{# What Spark (4.0 and later) says in its own words. #}

{% macro spark__all_but(columns, of) -%}
    {{ of ~ '.' if of }}* except ({{ columns }})
{%- endmacro %}

{% macro spark__each_once(column) -%}
    array_join(array_sort(collect_set({{ column }})), ';')
{%- endmacro %}

{# Of whole milliseconds, as DuckDB counts them. #}
{% macro spark__milliseconds_between(first, last) -%}
    timestampdiff(
        millisecond, date_trunc('millisecond', {{ first }}), date_trunc('millisecond', {{ last }})
    )
{%- endmacro %}
