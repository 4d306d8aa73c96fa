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

boundaries as (
    select dimension, spelling, valid_from as boundary from spellings
    union
    select dimension, spelling, valid_to from spellings
),

periods as (
    select
        dimension,
        spelling,
        boundary as valid_from,
        lead(boundary) over (partition by dimension, spelling order by boundary) as valid_to
    from boundaries
),

ranked as (
    select
        periods.dimension,
        periods.spelling,
        periods.valid_from,
        periods.valid_to,
        spellings.value,
        row_number() over (
            partition by periods.dimension, periods.spelling, periods.valid_from
            order by spellings.preference, spellings.known_from desc, spellings.value
        ) as spelling_rank
    from periods
    inner join spellings
        on
            periods.dimension = spellings.dimension
            and periods.spelling = spellings.spelling
            and spellings.valid_from <= periods.valid_from
            and periods.valid_to <= spellings.valid_to
),

final as (
    select * exclude (spelling_rank) from ranked
    where spelling_rank = 1
)

select * from final
