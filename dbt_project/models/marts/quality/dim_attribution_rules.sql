-- One row per rule of attribution_rules.csv: what it says, what it matched, what it decided, and
-- what became of the rest. Dollars are billed, or estimated where no bill is there yet.
{%- set dimensions = owner_dimensions() %}
with rules as (
    select * from {{ ref('int_rules_ranked') }}
),

requests as (
    select
        requests.*,
        ruled.rule_key
    from {{ ref('fct_requests') }} as requests
    inner join {{ ref('int_request_rules') }} as ruled
        on requests.request_key = ruled.request_key and requests.usage_date = ruled.usage_date
),

costs as (
    select
        request_key,
        usage_date,
        sum(cost_pico) as cost_pico,
        max(case when is_unpriced then 1 else 0 end) = 1 as is_unpriced
    from {{ ref('int_requests_costed') }}
    group by request_key, usage_date
),

matches as (
    select
        matched.line,
        matched.rule,
        matched.priority,
        matched.literals,
        matched.glob_length,
        requests.request_key,
        -- what was not allocated costs nothing
        case when costs.request_key is null then 0 else costs.cost_pico end as cost_pico,
        coalesce(costs.is_unpriced, false) as is_unpriced
        {%- for dimension in dimensions %},
        matched.set_{{ dimension }},
        requests.{{ dimension }}_rule,
        requests.{{ dimension }}_source
        {%- endfor %}
    from requests
    inner join {{ ref('int_rules_matched') }} as matched
        on
            requests.rule_key = matched.rule_key
            and matched.valid_from <= requests.started_at
            and requests.started_at < matched.valid_to
    left join costs
        on requests.request_key = costs.request_key and requests.usage_date = costs.usage_date
),

measured as (
    select
        line,
        count(*) as matched_requests,
        count(*) filter (where is_unpriced) as unpriced_requests,
        sum(cost_pico) as matched_pico
        {%- for dimension in dimensions %},
        count(*) filter (where set_{{ dimension }} is not null and {{ dimension }}_rule = rule)
            as {{ dimension }}_requests,
        sum(cost_pico) filter (where set_{{ dimension }} is not null and {{ dimension }}_rule = rule)
            as {{ dimension }}_pico
        {%- endfor %}
    from matches
    group by line
),

-- who decided instead: another rule, or a place that goes before rules
taken as (
    {%- for dimension in dimensions %}
    select
        line,
        coalesce({{ dimension }}_rule, {{ dimension }}_source) as taken_by,
        {{ dimension }}_rule is not null as by_rule,
        cost_pico
    from matches
    where set_{{ dimension }} is not null and {{ dimension }}_rule is distinct from rule
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
            order by coalesce(sum(cost_pico), 0) desc nulls last, count(*) desc nulls last, taken_by nulls last
        ) as taker_rank
    from taken
    group by line, taken_by, by_rule
),

-- equals that the order of lines alone told apart, though they say different things
conflicts as (
    select
        one.line,
        min(other.rule) as conflicts_with,
        count(distinct one.request_key) as conflicting_requests
    from matches as one
    inner join matches as other
        on
            one.request_key = other.request_key
            and one.line <> other.line
            and one.priority = other.priority
            and one.literals = other.literals
            and one.glob_length = other.glob_length
    where
        {%- for dimension in dimensions %}
        one.set_{{ dimension }} <> other.set_{{ dimension }}{{ " or" if not loop.last }}
        {%- endfor %}
    group by one.line
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
        coalesce(measured.matched_requests, 0) as matched_requests,
        coalesce(measured.unpriced_requests, 0) as unpriced_requests,
        case when measured.line is null then 0 else {{ from_pico('measured.matched_pico') }} end
            as matched_cost
        {%- for dimension in dimensions %},
        coalesce(measured.{{ dimension }}_requests, 0) as {{ dimension }}_requests,
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
        coalesce(conflicts.conflicting_requests, 0) as conflicting_requests
    from rules
    left join measured on rules.line = measured.line
    left join takers on rules.line = takers.line and takers.taker_rank = 1
    left join conflicts on rules.line = conflicts.line
)

select * from final
