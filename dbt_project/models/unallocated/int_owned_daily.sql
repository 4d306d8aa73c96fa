{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ forget_days_in_hand() }}",
) }}
-- One row per usage date, dimension (feature, team), match that a rule could say and owner: the requests that
-- meet it and have the owner, and their weight.
with list_costs as (
    select * from {{ ref('int_request_costs') }}
),

-- at list price, and one unit more for every request: what has no price still counts
requests as (
    select
        requests.usage_date,
        requests.day_hash,
        {{ owner_columns('requests', dimensions=accountable_owners()) }},
        coalesce(list_costs.list_cost_pico, 0) + 1 as weight
        {%- for fields in proposal_matches() %},
        {{ proposal_match(fields) }} as match_{{ loop.index }}
        {%- endfor %}
    from {{ ref('int_requests') }} as requests
    left join list_costs on requests.request_key = list_costs.request_key
    where {{ any_accountable("<> '__unallocated__'", of='requests') }}
),

final as (
    {%- for dimension in accountable_owners() %}
    {%- set last_dimension = loop.last %}
    {%- for fields in proposal_matches() %}
    select
        usage_date,
        day_hash,
        '{{ dimension }}' as dimension,
        {{ loop.index }} as match_no,
        match_{{ loop.index }} as match,
        {{ dimension }} as owner,
        count(*) as requests,
        cast(sum(weight) as decimal(38, 0)) as weight
    from requests
    where {{ dimension }} <> '__unallocated__' and match_{{ loop.index }} is not null
    group by usage_date, day_hash, match_{{ loop.index }}, {{ dimension }}
    {%- if not (loop.last and last_dimension) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
)

select * from final
