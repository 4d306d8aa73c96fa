-- One row per group of requests that are alike, billing month and dimension in which they have no owner, with the
-- rule that is proposed for them. Learned: nearly all that shares a value with it has one owner. New: nothing of its
-- caller has an owner yet, so a name is made of the caller's; a caller with several workloads gets
-- one name for each. Callers of one name (`svc-7-prod`, `svc-7-dev`) have the workloads of the dearest.
with unowned as (
    select * from {{ ref('int_unowned_daily') }}
),

evidence as (
    select * from {{ ref('int_owner_evidence') }}
),

workloads as (
    select * from {{ ref('int_workloads') }}
),

telling as (
    select * from evidence
    where percent_owned >= {{ var('proposal_percent_owned') }} and requests >= 5
),

matched as (
    {%- for fields in proposal_matches() %}
    select
        unowned.alike_key,
        unowned.dimension,
        telling.match_no,
        telling.match,
        telling.owner,
        telling.requests,
        telling.percent_owned
    from unowned
    inner join telling
        on
            unowned.dimension = telling.dimension
            and telling.match_no = {{ loop.index }}
            and unowned.match_{{ loop.index }} = telling.match
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

learned as (
    select * from (
        select
            *,
            row_number() over (partition by alike_key, dimension order by match_no nulls last) as match_rank
        from matched
    ) as ranked
    where match_rank = 1
),

-- a caller that has an owner for some of its requests is known: no name is invented for it
known_callers as (
    select
        dimension,
        match as caller,
        max(percent_owned) as percent_owned
    from evidence
    group by dimension, match
),

callers as (
    select
        caller,
        {{ name_from('caller_name') }} as caller_stem,
        sum(cost_pico) as cost_pico
    from unowned
    where dimension = 'feature' and caller is not null and caller_name is not null
    group by caller, {{ name_from('caller_name') }}
),

dearest_callers as (
    select
        caller,
        caller_stem,
        row_number() over (
            partition by caller_stem order by cost_pico desc nulls last, caller nulls last
        ) as caller_rank
    from callers
),

stem_workloads as (
    select distinct
        dearest_callers.caller_stem,
        workloads.workload
    from dearest_callers
    inner join workloads on dearest_callers.caller = workloads.caller
    where dearest_callers.caller_rank = 1
),

stems_split as (
    select distinct caller_stem from stem_workloads
),

named as (
    select
        *,
        {{ name_from('caller_name') }} as caller_stem
    from unowned
),

callers_split as (
    select
        caller,
        field,
        max(workloads) as workloads
    from workloads
    group by caller, field
),

final as (
    select distinct
        named.alike_key,
        named.billing_month,
        named.dimension,
        named.requests,
        named.costed_requests,
        named.unpriced_requests,
        named.cost_pico,
        named.unpriced_tokens,
        named.caller_name,
        case
            when learned.match is not null then 'learned'
            when known_callers.caller is not null or named.caller is null or named.caller_name is null
                then 'none'
            -- it is the feature that differs from workload to workload
            when named.dimension <> 'feature' then 'new'
            -- one of several workloads, and nothing says which
            when stems_split.caller_stem is not null and stem_workloads.workload is null then 'none'
            when callers_split.caller is not null and workloads.value is null then 'none'
            else 'new'
        end as proposal,
        case
            when learned.match is not null then learned.match
            when named.dimension = 'feature' and workloads.value is not null
                then named.caller || ' & ' || workloads.field || '=' || workloads.value
            else named.caller
        end as match,
        case
            when learned.match is not null then learned.owner
            -- a name for what no rule can say: two of them would be two rows of nothing
            when named.caller is null then null
            when named.dimension = 'feature' and workloads.value is not null
                then named.caller_stem || '-' || {{ name_from('workloads.workload') }}
            else named.caller_stem
        end as owner,
        case when learned.match is null then known_callers.percent_owned else learned.percent_owned end
            as percent_owned,
        learned.requests as owned_requests,
        callers_split.workloads
    from named
    left join learned
        on named.alike_key = learned.alike_key and named.dimension = learned.dimension
    left join known_callers
        on named.dimension = known_callers.dimension and named.caller = known_callers.caller
    left join callers_split on named.caller = callers_split.caller
    left join workloads
        on
            named.caller = workloads.caller
            and case workloads.field
                {%- for field in proposal_splits() %}
                when '{{ field }}' then named.split_{{ field }}
                {%- endfor %}
            end = workloads.value
    left join stems_split on named.caller_stem = stems_split.caller_stem
    left join stem_workloads
        on
            named.caller_stem = stem_workloads.caller_stem
            and workloads.workload = stem_workloads.workload
)

select * from final
