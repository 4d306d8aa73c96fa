-- One row per dimension and spelling (lower case): the owner it means. aliases.csv first; a team is
-- also known by its name.
with aliases as (
    select
        lower(dimension) as dimension,
        lower(trim(raw)) as spelling,
        value,
        1 as preference
    from {{ ref('stg_reference__aliases') }}
),

team_ids as (
    select distinct
        'team' as dimension,
        lower(team_id) as spelling,
        team_id as value,
        2 as preference
    from {{ ref('stg_reference__teams') }}
),

team_names as (
    select distinct
        'team' as dimension,
        lower(trim(team_name)) as spelling,
        team_id as value,
        3 as preference
    from {{ ref('stg_reference__teams') }}
    where team_name is not null
),

spellings as (
    select * from aliases
    union all
    select * from team_ids
    union all
    select * from team_names
),

ranked as (
    select
        dimension,
        spelling,
        value,
        row_number() over (partition by dimension, spelling order by preference, value)
            as spelling_rank
    from spellings
),

final as (
    select * exclude (spelling_rank) from ranked
    where spelling_rank = 1
)

select * from final
