-- One row per rule of attribution_rules.csv in the order in which rules decide: lower priority
-- number first; then more literal values, then longer globs; then the earlier line.
with rules as (
    select * from {{ ref('stg_reference__attribution_rules') }}
),

conditions as (
    select * from {{ source('landing', 'attribution_rule_conditions') }}
),

specificities as (
    select
        line,
        count(*) as conditions,
        count(*) filter (where instr(pattern, '*') = 0) as literals,
        sum(length(pattern)) as glob_length
    from conditions
    group by line
),

final as (
    select
        rules.*,
        specificities.conditions,
        specificities.literals,
        specificities.glob_length,
        row_number() over (
            order by
                rules.priority nulls last,
                specificities.literals desc nulls last,
                specificities.glob_length desc nulls last,
                rules.line nulls last
        ) as rule_rank,
        -- which of equals goes first is the line's to say: a swap of two lines is a change
        row_number() over (
            partition by rules.priority, specificities.literals, specificities.glob_length
            order by rules.line nulls last
        ) as place_among_equals
    from rules
    inner join specificities on rules.line = specificities.line
)

select * from final
