-- One row per combination of values (rule_key) and period: what rules say of each owner dimension
-- then, and which rule says it. Per dimension the first rule that sets it wins.
{%- set dimensions = owner_dimensions() %}
with matched as (
    select * from {{ ref('int_rules_matched') }}
),

boundaries as (
    select rule_key, valid_from as boundary from matched
    union
    select rule_key, valid_to from matched
),

periods as (
    select
        rule_key,
        boundary as valid_from,
        lead(boundary) over (partition by rule_key order by boundary) as valid_to
    from boundaries
),

final as (
    select
        periods.rule_key,
        periods.valid_from,
        periods.valid_to
        {%- for dimension in dimensions %},
        min_by(matched.set_{{ dimension }}, matched.rule_rank)
            filter (where matched.set_{{ dimension }} is not null) as {{ dimension }},
        min_by(matched.rule, matched.rule_rank)
            filter (where matched.set_{{ dimension }} is not null) as {{ dimension }}_rule
        {%- endfor %}
    from periods
    inner join matched
        on
            periods.rule_key = matched.rule_key
            and matched.valid_from <= periods.valid_from
            and periods.valid_to <= matched.valid_to
    group by periods.rule_key, periods.valid_from, periods.valid_to
)

select * from final
