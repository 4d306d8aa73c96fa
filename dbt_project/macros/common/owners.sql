{# The owner dimensions are words of ingestion/vocabulary.py: no model lists them. All of them, in the order
   in which their columns stand; `first` goes before the others. #}
{% macro owner_dimensions(first=none) -%}
    {%- set dimensions = var('attribution') | list -%}
    {{ return(([first] if first else []) + dimensions | reject('equalto', first) | list) }}
{%- endmacro %}

{# Those that credentials.csv knows. #}
{% macro credential_owners() -%}
    {{ return(var('credential_owners').values() | list) }}
{%- endmacro %}

{# Those that customers.csv knows. #}
{% macro customer_owners() -%}
    {{ return(var('customer_owners')) }}
{%- endmacro %}

{# Those that answer for money: a key's owner is one of them, and what lacks one gets a rule proposed. #}
{% macro accountable_owners() -%}
    {{ return(var('accountable_owners')) }}
{%- endmacro %}

{# Names, one each dimension, that begin with the same word: `set_feature`, `set_team`, … #}
{% macro each_owner(prefix, dimensions=none) -%}
    {%- set names = [] -%}
    {%- for dimension in dimensions or owner_dimensions() %}{% do names.append(prefix ~ dimension) %}{% endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# An owner's columns, one each dimension, of the relation `of`. There their names begin with `prefix`, and
   with `renamed` from here on. #}
{% macro owner_columns(of=none, first=none, dimensions=none, prefix='', renamed=none) -%}
    {%- for dimension in dimensions or owner_dimensions(first) %}
        {{ of ~ '.' if of }}{{ prefix }}{{ dimension }}
        {{- ' as ' ~ renamed ~ dimension if renamed is not none }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# An owner's columns of the relation `of`, which knows these dimensions at most. #}
{% macro owner_or_unallocated(known=[], of=none, first=none) -%}
    {%- for dimension in owner_dimensions(first) %}
        {%- if dimension in known %}
        coalesce({{ of ~ '.' if of }}{{ dimension }}, '__unallocated__') as {{ dimension }}
        {%- else %}
        '__unallocated__' as {{ dimension }}
        {%- endif %}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# True where two relations' rows have one owner. #}
{% macro same_owner(one, other, first=none) -%}
    {%- for dimension in owner_dimensions(first) %}
            {{ 'and ' if not loop.first }}{{ one }}.{{ dimension }} = {{ other }}.{{ dimension }}
    {%- endfor %}
{%- endmacro %}

{# The owner's columns of two relations of which one may have no row. #}
{% macro owner_of_either(one, other, first=none) -%}
    {%- for dimension in owner_dimensions(first) %}
        coalesce({{ one }}.{{ dimension }}, {{ other }}.{{ dimension }}) as {{ dimension }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# True where it holds of a dimension that answers for money: any_accountable("= '__unallocated__'"). #}
{% macro any_accountable(holds, of=none) -%}
    ({% for dimension in accountable_owners() %}{{ 'or ' if not loop.first }}{{ of ~ '.' if of }}{{ dimension }} {{ holds }}{{ ' ' if not loop.last }}{% endfor %})
{%- endmacro %}

{# One place of the workspace's `attribution` list as a column expression on a request; `told` has the texts
   of told_places, where they were read before. #}
{% macro owner_place(place, dimension, told=none) -%}
    {%- set kind = place.split(':')[0] -%}
    {%- set key = place.split(':')[1:] | join(':') | trim -%}
    {%- set path = told_path(place) -%}
    {%- if path and told -%}
        {{ said_text(text_at(told, told_paths().index(path))) }}
    {%- elif path -%}
        {{ said_text(json_value('attributes', path)) }}
    {%- elif kind == 'customer' -%}
        customer_{{ key }}
    {%- elif kind == 'gateway_team' -%}
        {{ 'gateway_team_name' if dimension == 'team' else 'cast(null as string)' }}
    {%- elif kind == 'credential' -%}
        {{ 'credential_' ~ dimension if dimension in credential_owners() else 'cast(null as string)' }}
    {%- elif kind == 'rule' -%}
        rule_{{ dimension }}
    {%- else -%}
        {{ exceptions.raise_compiler_error("attribution: unknown place '" ~ place ~ "'") }}
    {%- endif -%}
{%- endmacro %}

{# Where in the attributes of a request a caller says a tag, a metadata or a header; of other places nothing. #}
{% macro told_path(place) -%}
    {%- set group = {'tag': 'tags', 'metadata': 'metadata', 'header': 'headers'}.get(place.split(':')[0]) -%}
    {{ return([group, place.split(':')[1:] | join(':') | trim | lower] if group else none) }}
{%- endmacro %}

{# Each of them that the workspace's `attribution` list names, once. #}
{% macro told_paths() -%}
    {%- set paths = [] -%}
    {%- for places in var('attribution').values() -%}
        {%- for place in places if told_path(place) and told_path(place) not in paths -%}
            {%- do paths.append(told_path(place)) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(paths) }}
{%- endmacro %}

{# The texts at these paths as a list: an engine that can reads the object once for all. #}
{% macro told_texts(column) -%}
    {{ adapter.dispatch('json_values')(column, told_paths()) }}
{%- endmacro %}

{% macro default__json_values(column, paths) -%}
    array({% for path in paths %}{{ json_value(column, path) }}{{ ", " if not loop.last }}{% endfor %})
{%- endmacro %}

{# A text of such a list by its place in it, from 0. #}
{% macro text_at(texts, place) -%}
    {{ texts }}[{{ adapter.dispatch('first_place')() + place }}]
{%- endmacro %}

{% macro default__first_place() -%}
    {{ return(0) }}
{%- endmacro %}

{# The text at a path of names in a JSON object, NULL where there is none; a name may hold any letter. #}
{% macro json_value(column, path) -%}
    {{ adapter.dispatch('json_value')(column, path) }}
{%- endmacro %}

{# What a caller wrote; who writes that nobody owns it has said nothing. #}
{% macro said_text(text) -%}
    nullif(nullif({{ trimmed(text) }}, ''), '__unallocated__')
{%- endmacro %}

{# An owner as it is spelt: as `spellings`, a row of int_spellings or none, says, else in lower case. #}
{% macro folded(spellings, owner) -%}
    coalesce({{ spellings }}.value, lower({{ owner }}))
{%- endmacro %}

{# Joins the CTE `spellings`, once a dimension: how the owner in `of`'s columns is spelt at that time. #}
{% macro join_spellings(of, at, prefix='', dimensions=none) -%}
    {%- for dimension in dimensions or owner_dimensions() %}
    left join spellings as {{ dimension }}_spelling
        on
            {{ dimension }}_spelling.dimension = '{{ dimension }}'
            and lower({{ of }}.{{ prefix }}{{ dimension }}) = {{ dimension }}_spelling.spelling
            and {{ dimension }}_spelling.valid_from <= {{ at }}
            and {{ at }} < {{ dimension }}_spelling.valid_to
    {%- endfor %}
{%- endmacro %}
