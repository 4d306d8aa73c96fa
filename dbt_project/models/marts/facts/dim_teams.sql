-- One row per line of teams.csv: a team and for how long it was so. It has one line at a time.
with teams as (
    select * from {{ source('landing', 'teams') }}
),

final as (
    select
        team_id,
        team_name,
        cost_center,
        business_unit,
        valid_from,
        valid_to,
        lag(valid_to) over (partition by team_id order by valid_from nulls last) as valid_to_before
    from teams
)

select * from final
