{# True for charges of a source and period that tells fast mode apart. #}
{% macro says_speed(charges) -%}
    bool_or(coalesce({{ charges }}.service_tier, '') = 'fast')
    over (partition by {{ charges }}.source, {{ charges }}.charge_period_start)
{%- endmacro %}

{# True where fast use meets a line that says `standard` of a bill that says no speed at all. #}
{% macro is_untold_speed(charge, use) -%}
    ({{ charge }}.service_tier = 'standard' and {{ use }}.service_tier = 'fast'
        and not coalesce({{ charge }}.says_speed, true))
{%- endmacro %}
