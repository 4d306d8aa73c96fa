-- Teams with their cost centre, as of a time.
with teams as (
    select * from {{ source('landing', 'teams') }}
),

final as (
    select
        team_id,
        team_name,
        cost_center,
        business_unit,
        owner_email,
        {{ utc('valid_from') }} as valid_from,
        {{ utc('valid_to') }} as valid_to
    from teams
)

select * from final
