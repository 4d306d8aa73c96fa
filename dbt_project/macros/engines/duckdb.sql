{# What DuckDB says in its own words. Everything else of the request stage is SQL that Spark reads, too:
   docs/spark.md, tests/engines. #}

{% macro duckdb__all_but(columns, of) -%}
    {{ of ~ '.' if of }}* exclude ({{ columns }})
{%- endmacro %}

{% macro duckdb__whole(number) -%}
    cast({{ number }} as hugeint)
{%- endmacro %}

{% macro duckdb__quotient(number, by) -%}
    (({{ number }}) // {{ by }})
{%- endmacro %}

{% macro duckdb__small_quotient(number, by) -%}
    (({{ number }}) // {{ by }})
{%- endmacro %}

{% macro duckdb__json_value(column, path) -%}
    json_extract_string({{ column }}, {{ text_literal('$."' ~ path | join('"."') ~ '"') }})
{%- endmacro %}
