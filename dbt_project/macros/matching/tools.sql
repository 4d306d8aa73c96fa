{# True for a cell of nothing but calls of a tool, where no account of its vendor is known: no bill will come that
   charges them (docs/decisions.md, 99). #}
{% macro is_never_billed(cells) -%}
    (coalesce({{ cells }}.tool_calls, 0) > 0 and {{ cells }}.requests = 0 and {{ cells }}.billing_account = '__unknown__')
{%- endmacro %}

{# True where a use has all of a cell's meter, or nothing of one that another has whole or others share: of a split it would
   have the whole cost, or none of it. #}
{% macro is_explained_alone() -%}
    (logged_quantity > 0 and quantity in (0, logged_quantity))
{%- endmacro %}

{% macro cost_explained_alone(cost) -%}
    case when quantity = 0 and {{ cost }} is not null then 0 else {{ cost }} end
{%- endmacro %}
