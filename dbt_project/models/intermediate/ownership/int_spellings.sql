-- One row per dimension, spelling (lower case) and period: the owner it means as of then. aliases.csv
-- first; a team is known by its id and its name while they are in force, and after that, too, as long
-- as no other team has taken them: what a renamed team's requests say changes later than its name.
with team_spellings as (
    select
        lower(team_id) as spelling,
        team_id,
        2 as preference,
        valid_from,
        valid_to
    from {{ ref('stg_reference__teams') }}
    union all
    select
        lower(trim(team_name)) as spelling,
        team_id,
        3 as preference,
        valid_from,
        valid_to
    from {{ ref('stg_reference__teams') }}
    where team_name is not null
),

spellings as (
    select
        lower(dimension) as dimension,
        lower(trim(raw)) as spelling,
        value,
        1 as preference,
        timestamp '0001-01-01' as known_from,
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to
    from {{ ref('stg_reference__aliases') }}
    union all
    select
        'team' as dimension,
        spelling,
        team_id as value,
        preference,
        valid_from as known_from,
        valid_from,
        valid_to
    from team_spellings
    union all
    -- no longer in force: of the team that had it last
    select
        'team' as dimension,
        spelling,
        team_id as value,
        4 as preference,
        valid_from as known_from,
        valid_to as valid_from,
        timestamp '9999-12-31' as valid_to
    from team_spellings
    where valid_to < timestamp '9999-12-31'
),

meant as (
    {{ first_of_each_period(
        'spellings', ['dimension', 'spelling'], 'preference, known_from desc, value'
    ) }}
),

final as (
    select * exclude (preference, known_from) from meant
)

select * from final
