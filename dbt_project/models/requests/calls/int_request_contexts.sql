{{ config(
    database='stage',
    pre_hook={'sql': '{{ open_contexts_in_hand() }}', 'transaction': False},
) }}
-- depends_on: {{ ref('int_days_in_hand') }} {{ ref('int_prices_dated') }} {{ ref('stg_landing__objects') }}
-- One row per record that says where a request stands in its run: run, agent, workflow, step and tool that it or
-- the spans around it name, the nearest first, and their tags and metadata. Spans around it count of its own day and of the day
-- before. Where prices.csv has prices by the call, also the call of a tool that a row is: of one around a call of the same
-- tool (a framework's around its client's) the outer one.
{%- set texts = run_columns() + ['session_id', 'customer_id'] %}
{%- set said_as = {'run_id': 'run', 'session_id': 'session', 'customer_id': 'customer'} %}
{%- if not has_contexts() %}
select
    cast(null as string) as source,
    cast(null as string) as request_key
    {%- for text in texts %},
    cast(null as string) as {{ text }}
    {%- endfor %},
    cast(null as string) as evidence,
    cast(null as string) as unnamed
where false
{%- else %}
with recursive objects as (
    select source, batch, object_no, hash from {{ ref('stg_landing__objects') }}
),

-- what came twice says the same, or more
ranked as (
    select
        landed.source,
        concat(landed.join_key, ':', landed.join_value) as request_key,
        concat(landed.join_key, ':', {{ json_value('landed.attributes', ['parent']) }}) as parent_key,
        cast({{ utc('landed.occurred_at') }} as date) as day
        {%- for text in texts %},
        {{ json_value('landed.attributes', [said_as.get(text, text)]) }} as {{ text }}
        {%- endfor %},
        {{ evidence_of('landed.attributes') }} as evidence,
        {{ unnamed_of('landed.attributes') }} as unnamed,
        {%- if has_priced_tools() %}
        landed.batch,
        landed.object_no,
        landed.record_no,
        landed.content_hash,
        landed.join_value,
        {{ utc('landed.occurred_at') }} as started_at,
        {{ utc('cast(' ~ json_value('landed.attributes', ['ended_at']) ~ ' as timestamp with time zone)') }} as ended_at,
        {{ json_value('landed.attributes', ['status']) }} as status,
        case
            when {{ json_value('landed.attributes', ['kind']) }} = 'tool'
                then {{ spelled(json_value('landed.attributes', ['tool'])) }}
        end as own_tool,
        {%- endif %}
        row_number() over (
            partition by landed.source, landed.join_key, landed.join_value
            order by
                length(landed.attributes) desc nulls last,
                landed.content_hash nulls last,
                objects.hash nulls last,
                landed.record_no nulls last
        ) as place
    from {{ source('landing', 'context_in_hand') }} as landed
    inner join objects
        on
            landed.source = objects.source
            and landed.batch = objects.batch
            and landed.object_no = objects.object_no
),

said as (
    select * from ranked
    where place = 1
),

-- from the outermost inwards. What is said on the same day goes inwards, and beside it what also the day before says.
resolved as (
    select
        said.source,
        said.request_key,
        said.day
        {%- for column in texts + ['evidence', 'unnamed'] %},
        said.{{ column }},
        said.{{ column }} as {{ column }}_since
        {%- endfor %},
        {%- if has_priced_tools() %}
        said.own_tool as called_tool,
        said.own_tool as within_tool,
        {%- endif %}
        0 as depth
    from said
    left join said as around on said.source = around.source and said.parent_key = around.request_key
    where around.request_key is null
    union all
    select
        said.source,
        said.request_key,
        said.day
        {%- for text in texts %},
        coalesce(said.{{ text }}, case when around.day = said.day then around.{{ text }} end) as {{ text }},
        coalesce(
            said.{{ text }},
            case
                when around.day = said.day then around.{{ text }}_since
                when around.day = said.day - interval 1 day then around.{{ text }}
            end
        ) as {{ text }}_since
        {%- endfor %}
        {%- for text, flat in [('evidence', false), ('unnamed', true)] %},
        case
            when around.day <> said.day or around.{{ text }} is null then said.{{ text }}
            else {{ merged_objects(['said.' ~ text, 'around.' ~ text], flat) }}
        end as {{ text }},
        case
            when around.day = said.day and around.{{ text }}_since is not null
                then {{ merged_objects(['said.' ~ text, 'around.' ~ text ~ '_since'], flat) }}
            when around.day = said.day - interval 1 day and around.{{ text }} is not null
                then {{ merged_objects(['said.' ~ text, 'around.' ~ text], flat) }}
            else said.{{ text }}
        end as {{ text }}_since
        {%- endfor %},
        {%- if has_priced_tools() %}
        case when said.own_tool is distinct from around.within_tool then said.own_tool end as called_tool,
        coalesce(said.own_tool, around.within_tool) as within_tool,
        {%- endif %}
        around.depth + 1 as depth
    from said
    inner join resolved as around on said.source = around.source and said.parent_key = around.request_key
    where around.depth < 100
),

final as (
    select
        resolved.source,
        resolved.request_key
        {%- for column in texts + ['evidence', 'unnamed'] %},
        resolved.{{ column }}_since as {{ column }}
        {%- endfor %}
        {%- if has_priced_tools() %},
        resolved.called_tool
        {%- for column in columns_of_tool_calls() %},
        said.{{ column }}
        {%- endfor %}
        {%- endif %}
    from resolved
    {%- if has_priced_tools() %}
    inner join said on resolved.source = said.source and resolved.request_key = said.request_key
    {%- endif %}
)

select * from final
{%- endif %}
