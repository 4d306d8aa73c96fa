-- One row per dimension and match that requests without an owner share with requests that have one:
-- the owner of most of those, weighed at list price, and how much of them it has.
with unowned as (
    select * from {{ ref('int_unowned_daily') }}
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

-- of what is asked for alone: where every request has an owner, nothing is
owned as (
    select owned.*
    from {{ ref('int_owned_daily') }} as owned
    inner join (select distinct match_no, match from matches) as asked
        on owned.match_no = asked.match_no and owned.match = asked.match
),

owners as (
    {%- for dimension in accountable_owners() %}
    select
        matches.dimension,
        matches.match_no,
        matches.match,
        owned.{{ dimension }} as owner,
        cast(sum(owned.requests) as bigint) as requests,
        cast(sum(owned.weight) as decimal(38, 0)) as weight
    from owned
    inner join matches on owned.match_no = matches.match_no and owned.match = matches.match
    where matches.dimension = '{{ dimension }}' and owned.{{ dimension }} <> '__unallocated__'
    group by matches.dimension, matches.match_no, matches.match, owned.{{ dimension }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
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
