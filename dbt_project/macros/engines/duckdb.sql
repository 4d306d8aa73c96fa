{# What DuckDB says in its own words. Everything else in this project is SQL that Spark reads, too:
   tests/pipeline/test_portable_sql.py. #}

{% macro duckdb__all_but(columns, of) -%}
    {{ of ~ '.' if of }}* exclude ({{ columns }})
{%- endmacro %}
