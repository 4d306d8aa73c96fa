{# How a rule could name a request: conditions that are tried in this order. A session is over before a rule
   on it could find the next request. #}
{% macro proposal_matches() -%}
    {{ return([
        ['prompt_version'], ['key'], ['user'], ['route', 'key'], ['model_requested', 'key'],
        ['customer'], ['deployment'],
    ]) }}
{%- endmacro %}

{# What tells apart the workloads of one key, in this order. #}
{% macro proposal_splits() -%}
    {{ return(['prompt_version', 'route', 'operation', 'model_requested']) }}
{%- endmacro %}

{# A value as a rule can say it: lower case; NULL where a rule would read it as something else. #}
{% macro proposal_value(field) -%}
    case
        when instr({{ rule_value(field) }}, '*') = 0 and instr({{ rule_value(field) }}, ' &') = 0
            then lower({{ rule_value(field) }})
    end
{%- endmacro %}

{# `field=value` of a request, joined by ` & `; NULL where it lacks one. `key` is its alias, if any. #}
{% macro proposal_match(fields) -%}
    {%- for field in fields %}
    {%- if field == 'key' %}
    coalesce('key_alias=' || {{ proposal_value('key_alias') }}, 'key=' || {{ proposal_value('key') }})
    {%- else %}
    '{{ field }}=' || {{ proposal_value(field) }}
    {%- endif %}
    {%- if not loop.last %} || ' & ' || {% endif %}
    {%- endfor %}
{%- endmacro %}

{# Who asks, as a rule can say it. #}
{% macro proposal_caller() -%}
    coalesce(
        {{ proposal_match(['key']) }},
        {{ proposal_match(['user']) }},
        {{ proposal_match(['credential']) }},
        {{ proposal_match(['deployment']) }}
    )
{%- endmacro %}

{# What another model answered after a failure says nothing of who uses that model. #}
{% macro is_first_choice() -%}
    (status = 'success' and coalesce(attempt_role, 'primary') <> 'fallback')
{%- endmacro %}

{# An owner's name made of a value: without its environment and odd characters. #}
{% macro name_from(value) -%}
    {{ adapter.dispatch('name_from')(value) }}
{%- endmacro %}

{% macro default__name_from(value) -%}
    trim(regexp_replace(
        regexp_replace(
            lower({{ value }}),
            '[-_.:/](prod|production|live|staging|stage|stg|dev|development|test|qa|nonprod|sandbox)$', ''
        ),
        '[^\p{L}\p{N}.]+', '-', 'g'
    ), '-')
{%- endmacro %}
