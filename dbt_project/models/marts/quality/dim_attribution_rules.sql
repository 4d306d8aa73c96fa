-- One row per rule of attribution_rules.csv: what it says, what it matched, what it decided, and
-- what became of the rest. Dollars are billed, or estimated where no bill is there yet.
{%- set dimensions = owner_dimensions() %}
with rules as (
    select * from {{ ref('int_rules_ranked') }}
),

matches as (
    select * from {{ ref('int_rules_daily') }}
),

measured as (
    select
        line,
        sum(requests) as matched_requests,
        sum(unpriced_requests) as unpriced_requests,
        sum(cost_pico) as matched_pico
        {%- for dimension in dimensions %},
        coalesce(sum(requests) filter (where decides_{{ dimension }}), 0) as {{ dimension }}_requests,
        sum(cost_pico) filter (where decides_{{ dimension }}) as {{ dimension }}_pico
        {%- endfor %}
    from matches
    group by line
),

-- who decided instead: another rule, or a place that goes before rules
taken as (
    {%- for dimension in dimensions %}
    select
        line,
        {{ dimension }}_taken_by as taken_by,
        {{ dimension }}_by_rule as by_rule,
        requests,
        cost_pico
    from matches
    where not decides_{{ dimension }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

takers as (
    select
        line,
        taken_by,
        by_rule,
        row_number() over (
            partition by line
            order by coalesce(sum(cost_pico), 0) desc nulls last, sum(requests) desc nulls last, taken_by nulls last
        ) as taker_rank
    from taken
    group by line, taken_by, by_rule
),

conflicts as (
    select
        line,
        min(conflicts_with) as conflicts_with,
        sum(requests) as conflicting_requests
    from matches
    where conflicts_with is not null
    group by line
),

final as (
    select
        rules.line,
        rules.rule_rank,
        rules.rule,
        rules.priority,
        rules.match
        {%- for dimension in dimensions %},
        rules.set_{{ dimension }}
        {%- endfor %},
        rules.valid_from,
        rules.valid_to,
        rules.note,
        cast(coalesce(measured.matched_requests, 0) as bigint) as matched_requests,
        cast(coalesce(measured.unpriced_requests, 0) as bigint) as unpriced_requests,
        case when measured.line is null then 0 else {{ from_pico('measured.matched_pico') }} end
            as matched_cost
        {%- for dimension in dimensions %},
        cast(coalesce(measured.{{ dimension }}_requests, 0) as bigint) as {{ dimension }}_requests,
        case
            when measured.{{ dimension }}_requests > 0 then {{ from_pico('measured.' ~ dimension ~ '_pico') }}
            else 0
        end as {{ dimension }}_cost
        {%- endfor %},
        case
            when measured.line is null then 'never matches'
            when
                {%- for dimension in dimensions %}
                measured.{{ dimension }}_requests > 0{{ " or" if not loop.last }}
                {%- endfor %}
                then 'decides'
            when takers.by_rule then 'shadowed'
            else 'outranked'
        end as status,
        takers.taken_by as mostly_taken_by,
        conflicts.conflicts_with,
        cast(coalesce(conflicts.conflicting_requests, 0) as bigint) as conflicting_requests
    from rules
    left join measured on rules.line = measured.line
    left join takers on rules.line = takers.line and takers.taker_rank = 1
    left join conflicts on rules.line = conflicts.line
)

select * from final
