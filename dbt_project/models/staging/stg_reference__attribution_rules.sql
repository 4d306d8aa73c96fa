-- One row per rule of attribution_rules.csv. `rule` is its name wherever a rule is told: priority
-- and match, which stay what they are when lines move.
with rules as (
    select * from {{ source('landing', 'attribution_rules') }}
),

final as (
    select
        line,
        priority,
        match,
        concat(cast(priority as string), ' ', match) as rule,
        {{ owner_columns(prefix='set_') }},
        note,
        valid_from,
        valid_to
    from rules
)

select * from final
