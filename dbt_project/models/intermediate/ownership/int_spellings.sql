-- One row per dimension, spelling (lower case) and period: the owner it means as of then. aliases.csv
-- first; a team is also known by its id and its name, while they are in force.
with spellings as (
    select
        lower(dimension) as dimension,
        lower(trim(raw)) as spelling,
        value,
        1 as preference,
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to
    from {{ ref('stg_reference__aliases') }}
    union all
    select
        'team' as dimension,
        lower(team_id) as spelling,
        team_id as value,
        2 as preference,
        valid_from,
        valid_to
    from {{ ref('stg_reference__teams') }}
    union all
    select
        'team' as dimension,
        lower(trim(team_name)) as spelling,
        team_id as value,
        3 as preference,
        valid_from,
        valid_to
    from {{ ref('stg_reference__teams') }}
    where team_name is not null
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
            order by spellings.preference, spellings.value
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
