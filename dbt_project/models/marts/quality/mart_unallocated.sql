-- One row per billing month, dimension (feature, team) and what tells the requests without an owner
-- apart, or the cause of money that no request explains: its dollars, and a rule that would own it.
with proposals as (
    select * from {{ ref('int_proposals') }}
),

allocations as (
    select * from {{ ref('int_allocations') }}
    where cell_id is null
),

requests as (
    select
        billing_month,
        dimension,
        proposal,
        match,
        owner,
        cast(null as varchar) as residual_cause,
        cast(null as varchar) as credential_id,
        bool_and(caller_name is null) as is_person,
        max(percent_owned) as percent_owned,
        max(owned_requests) as owned_requests,
        max(workloads) as workloads,
        cast(sum(requests) as bigint) as requests,
        cast(sum(unpriced_requests) as bigint) as unpriced_requests,
        sum(unpriced_tokens) as unpriced_tokens,
        case when sum(costed_requests) > 0 then sum(cost_pico) end as cost_pico
    from proposals
    group by billing_month, dimension, proposal, match, owner
),

residuals as (
    {%- for dimension in accountable_owners() %}
    select
        billing_month,
        '{{ dimension }}' as dimension,
        'none' as proposal,
        cast(null as varchar) as match,
        cast(null as varchar) as owner,
        residual_cause,
        credential_id,
        false as is_person,
        cast(null as decimal(18, 2)) as percent_owned,
        cast(null as bigint) as owned_requests,
        cast(null as bigint) as workloads,
        cast(0 as bigint) as requests,
        cast(0 as bigint) as unpriced_requests,
        cast(0 as bigint) as unpriced_tokens,
        sum(billed_pico + estimated_pico) as cost_pico
    from allocations
    where {{ dimension }} = '__unallocated__'
    group by billing_month, residual_cause, credential_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

unowned as (
    select * from requests
    union all
    select * from residuals
),

worths as (
    select
        *,
        cast(sum(cost_pico) over (partition by billing_month, dimension) as decimal(38, 0))
            as month_pico,
        cast(sum(cost_pico) over (partition by dimension, match) as decimal(38, 0)) as match_pico,
        cast(
            sum(case when residual_cause is null then coalesce(cost_pico, 0) else 0 end)
                over (partition by dimension) as decimal(38, 0)
        ) as requests_pico
    from unowned
),

-- a rule is worth its line from a hundredth of the money on
judged as (
    select
        *,
        proposal <> 'none' and owner <> '' and coalesce(match_pico, 0) * 100 >= requests_pico
            as is_proposed
    from worths
),

final as (
    select
        billing_month,
        dimension,
        row_number() over (
            partition by billing_month, dimension
            order by
                coalesce(cost_pico, 0) desc nulls last,
                unpriced_tokens desc nulls last,
                match nulls last,
                residual_cause nulls last,
                credential_id nulls last
        ) as dollar_rank,
        match,
        residual_cause,
        credential_id,
        cast(requests as bigint) as requests,
        cast(unpriced_requests as bigint) as unpriced_requests,
        cast(unpriced_tokens as bigint) as unpriced_tokens,
        {{ from_pico('cost_pico') }} as cost,
        {{ percent_of('cast(cost_pico as decimal(38, 0))', 'month_pico') }} as percent_of_month,
        case when is_proposed then proposal else 'none' end as proposal,
        case when is_proposed then owner end as proposed_owner,
        case when is_proposed and proposal = 'learned' then percent_owned end as confidence_percent,
        case
            when residual_cause is not null and credential_id is null
                then 'no request and no credential explains it: it stays central'
            when residual_cause is not null
                then 'no request explains it: give its credential an owner in credentials.csv'
            when match is null then 'the log says nothing that a rule could use'
            when proposal = 'learned'
                then
                    'of ' || owned_requests || ' owned requests like it ' || percent_owned
                    || ' % of the list price are of this owner'
            when proposal = 'new' and workloads is not null and dimension = 'feature'
                then
                    'nothing of this caller has an owner; it serves ' || workloads
                    || ' workloads that share no sessions'
            when proposal = 'new' then 'nothing of this caller has an owner; it serves one workload'
            when is_person and percent_owned is null
                then 'its caller is a user or customer, whose owner only a rule can say'
            when percent_owned is not null
                then
                    'of its caller''s owned requests no owner has more than ' || percent_owned
                    || ' % of the list price'
            else 'its caller serves several workloads, and nothing says which this is'
        end as evidence,
        case
            when is_proposed
                then
                    '1000,' || {{ csv_cell('match') }} || ','
                    {%- for dimension in owner_dimensions() %}
                    || case when dimension = '{{ dimension }}' then {{ csv_cell('owner') }} else '' end || ','
                    {%- endfor %}
                    || ',,' || 'proposed: ' || proposal
        end as proposed_rule
    from judged
)

select * from final
