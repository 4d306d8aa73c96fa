{# The owner dimensions, in the order in which their columns stand; `first` goes before the others. #}
{% macro owner_dimensions(first=none) -%}
    {%- set dimensions = var('attribution') | list -%}
    {{ return(([first] if first else []) + dimensions | reject('equalto', first) | list) }}
{%- endmacro %}

{# The dimensions that credentials.csv knows. #}
{% macro credential_owners() -%}
    {{ return(var('credential_owners').values() | list) }}
{%- endmacro %}

{# An owner's columns, one each dimension, of the relation `of`. #}
{% macro owner_columns(of=none, first=none) -%}
    {%- for dimension in owner_dimensions(first) %}
        {{ of ~ '.' if of }}{{ dimension }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# True where two relations' rows have one owner. #}
{% macro same_owner(one, other, first=none) -%}
    {%- for dimension in owner_dimensions(first) %}
            {{ 'and ' if not loop.first }}{{ one }}.{{ dimension }} = {{ other }}.{{ dimension }}
    {%- endfor %}
{%- endmacro %}

{# One place of the workspace's `attribution` list as a column expression on a request. #}
{% macro owner_place(place, dimension) -%}
    {%- set kind = place.split(':')[0] -%}
    {%- set key = place.split(':')[1:] | join(':') | trim -%}
    {%- if kind in ('tag', 'metadata', 'header') -%}
        {%- set group = {'tag': 'tags', 'metadata': 'metadata', 'header': 'headers'}[kind] -%}
        {{ json_text('attributes', group, key | lower) }}
    {%- elif kind == 'customer' -%}
        customer_{{ key }}
    {%- elif kind == 'gateway_team' -%}
        {{ 'gateway_team_name' if dimension == 'team' else 'cast(null as varchar)' }}
    {%- elif kind == 'credential' -%}
        {{ 'credential_' ~ dimension if dimension in credential_owners() else 'cast(null as varchar)' }}
    {%- elif kind == 'rule' -%}
        rule_{{ dimension }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("attribution: unknown place '" ~ place ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{# What a caller wrote; who writes that nobody owns it has said nothing. #}
{% macro json_text(column, group, key) -%}
    nullif(
        nullif(trim(json_extract_string({{ column }}, '$.{{ group }}."{{ key | replace("'", "''") }}"')), ''),
        '__unallocated__'
    )
{%- endmacro %}

{# An owner as it is spelt: as `spellings`, a row of int_spellings or none, says, else in lower case. #}
{% macro folded(spellings, owner) -%}
    coalesce({{ spellings }}.value, lower({{ owner }}))
{%- endmacro %}
