{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date, match that a rule could say and owners (feature and team, one of them at least): the requests
-- that meet it and have the owners, and their weight.
{#- persons are many: what else tells requests apart is much the same all day, and is put together once a day #}
{%- set persons = [['user'], ['customer']] %}
{%- set places = [] %}
{%- for field in ['key_alias'] + proposal_matches() | reject('in', persons) | sum(start=[]) | unique | list %}
{%- do places.append(var('request_fields')[field]) %}
{%- endfor %}
{%- set owners = owner_columns(dimensions=accountable_owners()) %}
with days as (
    select * from {{ ref('int_days_in_hand') }}
),

list_costs as (
    select * from {{ ref('int_request_costs') }}
),

-- at list price, and one unit more for every request: what has no price still counts
weighed as (
    select
        requests.usage_date,
        {{ owner_columns('requests', dimensions=accountable_owners()) }},
        {%- for column in places %}
        requests.{{ column }},
        {%- endfor %}
        {%- for fields in proposal_matches() if fields in persons %}
        {{ proposal_match(fields) }} as match_{{ fields[0] }},
        {%- endfor %}
        coalesce(list_costs.list_cost_pico, 0) + 1 as weight
    from {{ ref('int_requests') }} as requests
    left join list_costs on requests.request_key = list_costs.request_key
    where {{ any_accountable("<> '__unallocated__'", of='requests') }}
),

by_place as (
    select
        usage_date,
        {{ owners }},
        {{ places | join(', ') }},
        count(*) as requests,
        sum(weight) as weight
    from weighed
    group by usage_date, {{ owners }}, {{ places | join(', ') }}
),

matched as (
    {%- for fields in proposal_matches() %}
    select
        usage_date,
        {{ loop.index }} as match_no,
        {%- if fields in persons %}
        match_{{ fields[0] }} as match,
        {{ owners }},
        count(*) as requests,
        sum(weight) as weight
    from weighed
    group by usage_date, match_{{ fields[0] }}, {{ owners }}
    having count(match_{{ fields[0] }}) > 0
        {%- else %}
        {{ proposal_match(fields) }} as match,
        {{ owners }},
        sum(requests) as requests,
        sum(weight) as weight
    from by_place
    group by usage_date, {{ proposal_match(fields) }}, {{ owners }}
    having count({{ proposal_match(fields) }}) > 0
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        matched.usage_date,
        days.day_hash,
        matched.match_no,
        matched.match,
        {{ owner_columns('matched', dimensions=accountable_owners()) }},
        cast(matched.requests as bigint) as requests,
        cast(matched.weight as decimal(38, 0)) as weight
    from matched
    inner join days on matched.usage_date = days.usage_date
)

select * from final
