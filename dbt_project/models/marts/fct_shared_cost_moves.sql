-- One row per allocation and step of spreading a shared cost. Tax, credit, fee and rounding stay
-- central by default, so without rules for sharing there are no moves.
with allocations as (
    select * from {{ ref('fct_cost_allocations') }}
),

final as (
    select
        allocation_id,
        cast(1 as integer) as step,
        team as from_team,
        team as to_team,
        feature as from_feature,
        feature as to_feature,
        billed_cost as amount,
        cast(null as varchar) as rule
    from allocations
    where false
)

select * from final
