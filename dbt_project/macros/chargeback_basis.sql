{# The money that chargeback posts and shared costs move: of the invoice, or amortised. #}
{% macro basis_cost() -%}
    {{ 'effective_cost' if var('chargeback_basis') == 'effective' else 'billed_cost' }}
{%- endmacro %}

{% macro basis_pico() -%}
    {{ basis_cost() | replace('_cost', '_pico') }}
{%- endmacro %}
