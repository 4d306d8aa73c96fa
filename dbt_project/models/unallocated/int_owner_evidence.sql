-- One row per dimension and match that requests without an owner share with requests that have one:
-- the owner of most of those, weighed at list price, and how much of them it has.
with unowned as (
    select * from {{ ref('int_requests_unowned') }}
),

matches as (
    {%- for fields in proposal_matches() %}
    select distinct
        dimension,
        {{ loop.index }} as match_no,
        match_{{ loop.index }} as match
    from unowned
    where match_{{ loop.index }} is not null
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

requests as (
    select
        request_key,
        usage_date,
        {{ owner_columns(dimensions=accountable_owners()) }}
        {%- for fields in proposal_matches() %},
        {{ proposal_match(fields) }} as match_{{ loop.index }}
        {%- endfor %}
    from {{ ref('int_requests') }}
    where {{ any_accountable("<> '__unallocated__'") }}
),

owned as (
    {%- for dimension in accountable_owners() %}
    {%- set last_dimension = loop.last %}
    {%- for fields in proposal_matches() %}
    select
        requests.request_key,
        requests.usage_date,
        matches.dimension,
        matches.match_no,
        matches.match,
        requests.{{ dimension }} as owner
    from requests
    inner join matches
        on
            matches.dimension = '{{ dimension }}'
            and matches.match_no = {{ loop.index }}
            and requests.match_{{ loop.index }} = matches.match
    where requests.{{ dimension }} <> '__unallocated__'
    {%- if not (loop.last and last_dimension) %}
    union all
    {%- endif %}
    {%- endfor %}
    {%- endfor %}
),

list_costs as (
    select
        request_key,
        usage_date,
        sum(list_cost_pico) as list_cost_pico
    from {{ ref('int_request_meters') }}
    where request_key in (select request_key from owned)
    group by request_key, usage_date
),

-- one unit more for every request: what has no price still counts
owners as (
    select
        owned.dimension,
        owned.match_no,
        owned.match,
        owned.owner,
        count(*) as requests,
        cast(sum(coalesce(list_costs.list_cost_pico, 0) + 1) as decimal(38, 0)) as weight
    from owned
    left join list_costs
        on owned.request_key = list_costs.request_key and owned.usage_date = list_costs.usage_date
    group by owned.dimension, owned.match_no, owned.match, owned.owner
),

totals as (
    select
        *,
        cast(sum(requests) over (partition by dimension, match_no, match) as bigint)
            as match_requests,
        cast(sum(weight) over (partition by dimension, match_no, match) as decimal(38, 0))
            as match_weight,
        row_number() over (
            partition by dimension, match_no, match order by weight desc nulls last, owner nulls last
        ) as owner_rank
    from owners
),

final as (
    select
        dimension,
        match_no,
        match,
        owner,
        match_requests as requests,
        {{ percent_of('weight', 'match_weight') }} as percent_owned
    from totals
    where owner_rank = 1
)

select * from final
