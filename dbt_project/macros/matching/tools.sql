{# True for a cell of nothing but calls of a tool, where no account of its vendor is known: no bill will come that
   charges them (docs/decisions.md, 99). #}
{% macro is_never_billed(cells) -%}
    (coalesce({{ cells }}.tool_calls, 0) > 0 and {{ cells }}.requests = 0 and {{ cells }}.billing_account = '__unknown__')
{%- endmacro %}
