-- One row per condition of a rule: the field of a request, and the glob (lower case) it must be like.
with conditions as (
    select * from {{ source('landing', 'attribution_rule_conditions') }}
),

final as (
    select
        line,
        condition_no,
        field,
        pattern,
        strpos(pattern, '*') = 0 as is_literal
    from conditions
)

select * from final
