-- One row per condition of a rule: the field of a request, and the glob (lower case) it must be like.
-- pattern_hash is what stands for a literal value where nobody had named its field: see
-- unnamed_attributes of the requests.
with conditions as (
    select * from {{ source('landing', 'attribution_rule_conditions') }}
),

final as (
    select
        line,
        condition_no,
        field,
        pattern,
        pattern_hash,
        strpos(pattern, '*') = 0 as is_literal
    from conditions
)

select * from final
