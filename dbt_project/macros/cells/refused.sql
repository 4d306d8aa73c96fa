{# True where a provider or gateway refused a request for its price: a quota that is used up, a budget or a
   limit that is reached. Other refusals are of requests or tokens a minute. #}
{% macro is_refused_for_money() -%}
    (
            coalesce(http_status, 0) = 402
            or lower(coalesce(error_class, '')) in (
                'insufficient_quota', 'billing_hard_limit_reached', 'billing_not_active', 'billing_error',
                'budget_exceeded', 'budgetexceedederror', 'exceededbudget', 'enforced_spend_limit_reached',
                'contract_spend_limit_reached', 'linked_organization_spend_limit_reached', 'payment_required'
            )
        )
{%- endmacro %}
