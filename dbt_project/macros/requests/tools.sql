{# Calls of tools that prices.csv prices, as requests of who sells them: docs/decisions.md, 99. #}

{# What a row of int_request_contexts says of the call of a tool that it is, beside `called_tool`. #}
{% macro columns_of_tool_calls() -%}
    {{ return(['batch', 'object_no', 'record_no', 'content_hash', 'join_value', 'started_at', 'ended_at', 'status']) }}
{%- endmacro %}

{# Names of prices.csv that one provider prices, by the call alone: a model of which anything else is priced is no tool. #}
{% macro priced_tools() -%}
    select
        {{ spelled('model') }} as tool,
        min(provider) as provider,
        min(model) as model,
        min(valid_from) as valid_from,
        max(valid_to) as valid_to
    from {{ source('landing', 'prices') }}
    where unit_price_per_million is not null
    group by {{ spelled('model') }}
    having
        count(distinct provider) = 1
        and count(*) = count(case when meter = 'requests' and service_tier = 'standard' and region = '*' then 1 end)
{%- endmacro %}

{# Requests as requests_with_contexts has them, and beside them the calls of priced tools: their name, their time and what
   the spans around them say. Of one span in several sources the first counts. #}
{% macro requests_and_tool_calls(requests, contexts) -%}
    {%- if has_priced_tools() -%}
    {%- set said = [
        ('source', 'calls.source'),
        ('batch', 'calls.batch'),
        ('object_no', 'calls.object_no'),
        ('record_no', 'calls.record_no'),
        ('content_hash', 'calls.content_hash'),
        ('evidence_rank', 'cast(0 as smallint)'),
        ('object', 'objects.object'),
        ('object_hash', 'objects.hash'),
        ('request_key', 'calls.request_key'),
        ('record_key', key_of(["'tool'", 'calls.source', 'calls.request_key'])),
        ('request_id', 'calls.join_value'),
        ('request_id_made', 'false'),
        ('trace_id', "split_part(calls.join_value, '/', 1)"),
        ('session_id', 'calls.session_id'),
        ('customer_id', 'calls.customer_id'),
        ('started_at', 'calls.started_at'),
        ('ended_at', 'calls.ended_at'),
        ('used_at', 'calls.started_at'),
        ('provider', 'tools.provider'),
        ('model_routed', 'tools.model'),
        ('operation', "'tool'"),
        ('status', "coalesce(calls.status, 'success')"),
        ('tokens_estimated', 'false'),
        ('attributes', "coalesce(calls.evidence, '{}')"),
        ('unnamed_attributes', 'calls.unnamed'),
        ('run_id', "coalesce(calls.run_id, split_part(calls.join_value, '/', 1))"),
    ] -%}
    {%- for column in run_columns() if column != 'run_id' %}{% do said.append((column, 'calls.' ~ column)) %}{% endfor -%}
    {%- set columns = said | map(attribute=0) | list -%}
    (
        select
            {{ all_but(columns | join(', '), of='requests') }},
            {%- for column in columns %}
            requests.{{ column }},
            {%- endfor %}
            false as is_tool_call
        from {{ requests_with_contexts(requests, contexts) }} as requests
        union all
        select
            {{ all_but(columns | join(', '), of='requests') }},
            {%- for column, value in said %}
            {{ value }} as {{ column }},
            {%- endfor %}
            true as is_tool_call
        from (
            select
                *,
                row_number() over (partition by request_key order by source nulls last) as telling
            from {{ contexts }}
            where called_tool is not null
        ) as calls
        inner join ({{ priced_tools() }}) as tools
            on
                calls.called_tool = tools.tool
                and tools.valid_from <= calls.started_at
                and calls.started_at < tools.valid_to
        inner join {{ ref('stg_landing__objects') }} as objects
            on
                calls.source = objects.source
                and calls.batch = objects.batch
                and calls.object_no = objects.object_no
        -- for its columns: nothing else is said of such a call
        left join {{ requests_with_contexts(requests, contexts) }} as requests on false
        where calls.telling = 1
    )
    {%- else -%}
    (
        select
            requests.*,
            false as is_tool_call
        from {{ requests_with_contexts(requests, contexts) }} as requests
    )
    {%- endif %}
{%- endmacro %}
