{{ config(database='stage') }}
-- depends_on: {{ ref('stg_landing__requests_in_hand') }} {{ ref('int_calls_told_twice') }} {{ ref('int_request_contexts') }} {{ ref('int_record_exceptions') }}
-- One row per record that stands for a call which several sources logged, with what they say of it together; and one of
-- each call inside such a record, with what they say of its caller.
{%- set said, of_usage = said_by_any_source(), said_of_usage() %}
{%- set split_finer = requests_split_finer(ref('stg_landing__requests_in_hand'), ref('int_record_exceptions')) %}
{%- if not may_be_told_twice() %}
select
    requests.record_key,
    {%- for column in said + of_usage + ['attributes', 'unnamed_attributes'] %}
    requests.{{ column }},
    {%- endfor %}
    cast(null as string) as observed_also_in
from {{ requests_with_contexts(ref('stg_landing__requests_in_hand'), ref('int_request_contexts')) }} as requests
where false
{%- else %}
with sources as (
    select source, seen_from from {{ source('landing', 'sources') }}
    where kind = 'gateway'
),

told_twice as (
    select record_key, standing_key from {{ ref('int_calls_told_twice') }}
    where standing_key is not null and is_heard
),

-- what stands for a call that crosses a midnight may be told by a record of its own day
members as (
    select
        told_twice.record_key,
        coalesce(onward.standing_key, told_twice.standing_key) as standing_key
    from told_twice
    left join told_twice as onward on told_twice.standing_key = onward.record_key
    union
    select standing_key as record_key, standing_key from told_twice
    where standing_key not in (select record_key from told_twice)
),

inner_calls as (
    select parts.record_key, wholes.record_key as whole_key
    from {{ ref('stg_landing__requests_in_hand') }} as parts
    inner join {{ ref('stg_landing__requests_in_hand') }} as wholes
        on
            {{ is_inner_call('parts', 'wholes') }}
    where wholes.record_key in (select standing_key from members)
),

members_of_each as (
    select record_key, standing_key, false as is_inner from members
    union all
    select
        case when members.record_key = members.standing_key then inner_calls.record_key else members.record_key end
            as record_key,
        inner_calls.record_key as standing_key,
        true as is_inner
    from inner_calls
    inner join members on inner_calls.whole_key = members.standing_key
),

records as (
    select
        members.standing_key,
        members.is_inner,
        sources.seen_from,
        requests.*,
        row_number() over (
            partition by members.standing_key
            order by
                case when members.record_key = members.standing_key then 0 else 1 end nulls last,
                sources.seen_from nulls last,
                requests.source nulls last,
                requests.request_key nulls last,
                requests.started_at nulls last
        ) as place,
        row_number() over (
            partition by members.standing_key
            order by
                case when members.is_inner and members.record_key = members.standing_key then 0 else 1 end nulls last,
                requests.tokens_estimated nulls last,
                case when coalesce(requests.input_quantity, requests.output_quantity) is null then 1 else 0 end nulls last,
                case when members.record_key = members.standing_key then 0 else 1 end nulls last,
                case when sources.seen_from = {{ var('seen_from').index('provider') }} then 0 else 1 end nulls last,
                sources.seen_from nulls last,
                requests.source nulls last,
                requests.request_key nulls last,
                requests.started_at nulls last
        ) as place_of_usage
    from members_of_each as members
    inner join {{ requests_with_contexts(split_finer, ref('int_request_contexts')) }} as requests on members.record_key = requests.record_key
    inner join sources on requests.source = sources.source
    where {{ stands('requests', ref('int_record_exceptions')) }}
),

usages as (
    select * from records
    where place_of_usage = 1
),

tellings as (
    select * from records
    where place_of_usage = 1 or (not is_inner and tokens_estimated is not true)
),

finer as (
    {{ finer_counts('tellings') }}
),

together as (
    select
        standing_key
        {%- for column in said %},
        {%- set order = 'place' %}
        {%- if seen_first_from(column) %}
        {%- set order = 'case when seen_from = ' ~ var('seen_from').index(seen_first_from(column)) ~ ' then place - 1000 else place end' %}
        {%- endif %}
        {#- a gateway's session that is its trace stands for none #}
        {%- set order = 'case when session_id = trace_id then 2000 else 0 end + ' ~ order if column == 'session_id' else order %}
        min_by({{ column }}, {{ order }})
            filter (where {{ column }} is not null{{ ' and (place = 1 or not is_inner)' if column not in said_of_caller() }})
            as {{ column }}
        {%- endfor %}
        {%- for column in ['attributes', 'unnamed_attributes'] %}
        {%- for place in range(1, var('request_sources') + 1) %},
        min({{ column }}) filter (where place = {{ place }}) as {{ column }}_{{ place }}
        {%- endfor %}
        {%- endfor %},
        {{ each_once('case when place > 1 then source end') }} as observed_also_in
    from records
    group by standing_key
),

final as (
    select
        together.standing_key as record_key
        {%- for column in said %},
        together.{{ column }}
        {%- endfor %}
        {%- for column in of_usage %},
        {%- if column in said_of_splits() %}
        case when finer.standing_key is null then usages.{{ column }} else finer.{{ column }} end as {{ column }}
        {%- else %}
        usages.{{ column }}
        {%- endif %}
        {%- endfor %}
        {%- for column, flat in [('attributes', false), ('unnamed_attributes', true)] %}
        {%- set texts = [] %}
        {%- for place in range(1, var('request_sources') + 1) %}
        {%- do texts.append('together.' ~ column ~ '_' ~ place) %}
        {%- endfor %},
        {{ merged_objects(texts, flat) }} as {{ column }}
        {%- endfor %},
        together.observed_also_in
    from together
    inner join usages on together.standing_key = usages.standing_key
    left join finer on together.standing_key = finer.standing_key
)

select * from final
{%- endif %}
