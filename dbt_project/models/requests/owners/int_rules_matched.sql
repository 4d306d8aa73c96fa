-- One row per combination of values (rule_key) and rule that it meets in every condition, whenever
-- the rule is in force. Each distinct value is compared once, however many requests have it.
with combinations as (
    select distinct
        rule_key,
        field,
        value
    from {{ ref('int_rule_values') }}
    where value is not null
),

conditions as (
    -- pattern_hash is what stands for a literal value where nobody had named its field: see
    -- unnamed_attributes of the requests
    select
        line,
        field,
        pattern,
        pattern_hash,
        instr(pattern, '*') = 0 as is_literal
    from {{ source('landing', 'attribution_rule_conditions') }}
),

rules as (
    select * from {{ ref('int_rules_ranked') }}
),

seen as (
    select distinct
        field,
        value
    from combinations
),

met as (
    select
        seen.field,
        seen.value,
        conditions.line
    from seen
    inner join conditions on seen.field = conditions.field and seen.value = conditions.pattern
    where conditions.is_literal
    union all
    -- no value is both: a hash stands only where the value does not
    select
        seen.field,
        seen.value,
        conditions.line
    from seen
    inner join conditions on seen.field = conditions.field and seen.value = conditions.pattern_hash
    where conditions.is_literal and conditions.pattern <> conditions.pattern_hash
    union all
    select
        seen.field,
        seen.value,
        conditions.line
    from seen
    inner join conditions
        on
            seen.field = conditions.field
            and {{ glob_match('seen.value', 'conditions.pattern') }}
    where not conditions.is_literal and (conditions.pattern = '*' or seen.value not like 'hmac:%')
),

met_together as (
    select
        combinations.rule_key,
        met.line,
        count(*) as conditions
    from combinations
    inner join met on combinations.field = met.field and combinations.value = met.value
    group by combinations.rule_key, met.line
),

final as (
    select
        met_together.rule_key,
        rules.*
    from met_together
    inner join rules
        on met_together.line = rules.line and met_together.conditions = rules.conditions
)

select * from final
