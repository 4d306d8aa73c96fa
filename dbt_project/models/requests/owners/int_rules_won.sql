-- One row per combination of values (rule_key) and period: what rules say of each owner dimension
-- then, and which rule says it. Per dimension the first rule that sets it wins.
{%- set dimensions = owner_dimensions() %}
with matched as (
    select * from {{ ref('int_rules_matched') }}
),

periods as (
    {{ periods_of(['matched'], ['rule_key']) }}
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
    inner join matched on {{ valid_throughout('matched', 'periods', ['rule_key']) }}
    group by periods.rule_key, periods.valid_from, periods.valid_to
)

select * from final
