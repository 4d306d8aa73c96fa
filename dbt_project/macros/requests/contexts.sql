{# What a trace says of a request in other objects: docs/decisions.md, 92. #}

{# How a request's columns are called that say where it stands in its run. #}
{% macro run_columns() -%}
    {%- set columns = [] -%}
    {%- for place in var('run_places') %}{% do columns.append('run_id' if place == 'run' else place) %}{% endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# Landed requests of the files in hand, with what their runs say of them: the record's own word first. #}
{% macro requests_with_contexts(requests, contexts) -%}
    {%- set both = ['session_id', 'customer_id', 'attributes', 'unnamed_attributes'] -%}
    {%- if has_contexts() -%}
    (
        select
            {{ all_but(both | join(', '), of='landed') }},
            coalesce(landed.session_id, contexts.session_id) as session_id,
            coalesce(landed.customer_id, contexts.customer_id) as customer_id,
            case
                when contexts.evidence is null then landed.attributes
                else {{ merged_objects(['landed.attributes', 'contexts.evidence']) }}
            end as attributes,
            case
                when contexts.unnamed is null then landed.unnamed_attributes
                else {{ merged_objects(['landed.unnamed_attributes', 'contexts.unnamed'], flat=true) }}
            end as unnamed_attributes,
            -- a run without an id is its trace
            case when contexts.request_key is not null then coalesce(contexts.run_id, landed.trace_id) end as run_id
            {%- for column in run_columns() if column != 'run_id' %},
            contexts.{{ column }}
            {%- endfor %}
        from {{ requests }} as landed
        left join {{ contexts }} as contexts
            on landed.source = contexts.source and landed.request_key = contexts.request_key
    )
    {%- else -%}
    (
        select
            landed.*
            {%- for column in run_columns() %},
            cast(null as string) as {{ column }}
            {%- endfor %}
        from {{ requests }} as landed
    )
    {%- endif %}
{%- endmacro %}

{# As a pre-hook: `landing.context_in_hand` is of the days in hand, whose runs may have begun the day before; and
   of the days beside them, where a record of another source may be one of theirs. #}
{% macro open_contexts_in_hand() -%}
    {{ open_landed_files('context_in_hand', _context_files_in_hand(), of='context_') }}
{%- endmacro %}

{# How many days before and after a day what is said then may be of its requests. #}
{% macro days_of_contexts() -%}
    {{ return([2, 1] if may_be_told_twice() else [1, 0]) }}
{%- endmacro %}

{% macro _context_files_in_hand() -%}
    {%- set before, after = days_of_contexts() %}
    select distinct context_days.file
    from {{ source('seen', 'context_days') }} as context_days
    inner join {{ source('seen', 'request_days') }} as request_days
        on
            context_days.day >= cast(request_days.start_day - interval {{ before }} day as date)
            and context_days.day <= cast(request_days.start_day + interval {{ after }} day as date)
    where request_days.file in ({{ files_of_days_in_hand() }})
    {%- if has_priced_tools() %}
    union
    select context_days.file
    from {{ source('seen', 'context_days') }} as context_days
    inner join {{ ref('int_days_in_hand') }} as days
        on
            context_days.day >= cast(days.usage_date - interval {{ before }} day as date)
            and context_days.day <= cast(days.usage_date + interval {{ after }} day as date)
    {%- endif %}
{%- endmacro %}

{# Of a record of request_context its tags, labels, metadata and headers, and what of them is not named, as
   attributes and unnamed_attributes have them; NULL where it says none. #}
{% macro evidence_of(attributes) -%}
    {{ adapter.dispatch('evidence_of')(attributes) }}
{%- endmacro %}

{% macro unnamed_of(attributes) -%}
    {{ adapter.dispatch('unnamed_of')(attributes) }}
{%- endmacro %}
