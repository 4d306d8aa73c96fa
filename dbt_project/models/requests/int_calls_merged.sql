{{ config(database='stage') }}
-- depends_on: {{ ref('stg_landing__requests_in_hand') }} {{ ref('int_calls_told_twice') }} {{ ref('int_request_contexts') }} {{ ref('int_record_exceptions') }}
-- One row per record that stands for a call which several sources logged, with what they say of it together.
{%- set said, of_usage = said_by_any_source(), said_of_usage() %}
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
    where standing_key is not null
),

members as (
    select record_key, standing_key from told_twice
    union
    select standing_key as record_key, standing_key from told_twice
),

records as (
    select
        members.standing_key,
        requests.*,
        row_number() over (
            partition by members.standing_key
            order by
                case when members.record_key = members.standing_key then 0 else 1 end nulls last,
                sources.seen_from nulls last,
                requests.source nulls last
        ) as place,
        row_number() over (
            partition by members.standing_key
            order by
                requests.tokens_estimated nulls last,
                case when coalesce(requests.input_quantity, requests.output_quantity) is null then 1 else 0 end nulls last,
                case when members.record_key = members.standing_key then 0 else 1 end nulls last,
                case when sources.seen_from = {{ var('seen_from').index('provider') }} then 0 else 1 end nulls last,
                sources.seen_from nulls last,
                requests.source nulls last
        ) as place_of_usage
    from members
    inner join {{ requests_with_contexts(ref('stg_landing__requests_in_hand'), ref('int_request_contexts')) }} as requests on members.record_key = requests.record_key
    inner join sources on requests.source = sources.source
    where {{ stands('requests', ref('int_record_exceptions')) }}
),

usages as (
    select * from records
    where place_of_usage = 1
),

together as (
    select
        standing_key
        {%- for column in said %},
        {#- a gateway's session that is its trace stands for none #}
        {%- set order = 'case when session_id = trace_id then place + 1000 else place end' if column == 'session_id' else 'place' %}
        min_by({{ column }}, {{ order }}) filter (where {{ column }} is not null) as {{ column }}
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
        usages.{{ column }}
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
)

select * from final
{%- endif %}
