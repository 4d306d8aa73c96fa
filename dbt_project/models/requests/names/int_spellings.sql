-- One row per dimension, spelling (lower case) and period: the owner it means as of then, and who says so.
-- aliases.csv first; a team is known by its id and its name while they are in force, and after that, too,
-- as long as no other team has taken them: what a renamed team's requests say changes later than its name.
-- Spellings that differ in case alone are one owner, at all times: written as a line of aliases.csv that gives
-- a name to itself has it, else as teams.csv, credentials.csv or the rules have it. A name that stands in
-- none of them has no row and is written in lower case (macro `folded`).
with aliases as (
    select
        lower(dimension) as dimension,
        lower(trim(raw)) as spelling,
        trim(value) as value
    from {{ source('landing', 'aliases') }}
),

teams as (
    select * from {{ source('landing', 'teams') }}
),

credentials as (
    select * from {{ source('landing', 'credentials') }}
),

rules as (
    select * from {{ ref('stg_reference__attribution_rules') }}
),

names as (
    select
        dimension,
        value,
        'aliases' as said_by,
        1 as preference
    from aliases
    where lower(value) = spelling
    {%- for said_by, columns in [
        ('teams', {'team_id': 'team'}),
        ('credentials', var('credential_owners')),
        ('rules', dict(zip(each_owner('set_'), owner_dimensions()))),
    ] %}
    {%- set preference = loop.index + 1 %}
    {%- for column, dimension in columns.items() %}
    union all
    select
        '{{ dimension }}' as dimension,
        {{ column }} as value,
        '{{ said_by }}' as said_by,
        {{ preference }} as preference
    from {{ said_by }}
    where {{ column }} is not null
    {%- endfor %}
    {%- endfor %}
),

canonical as (
    select * from (
        select
            dimension,
            lower(value) as spelling,
            value,
            said_by,
            row_number() over (
                partition by dimension, lower(value) order by preference nulls last, value nulls last
            )
                as name_rank
        from names
    ) as ranked
    where name_rank = 1
),

team_spellings as (
    select
        lower(team_id) as spelling,
        team_id,
        2 as preference,
        valid_from,
        valid_to
    from teams
    union all
    select
        lower(trim(team_name)) as spelling,
        team_id,
        3 as preference,
        valid_from,
        valid_to
    from teams
    where team_name is not null
),

spellings as (
    select
        aliases.dimension,
        aliases.spelling,
        coalesce(canonical.value, lower(aliases.value)) as value,
        'aliases' as said_by,
        1 as preference,
        timestamp '0001-01-01' as known_from,
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to
    from aliases
    left join canonical
        on aliases.dimension = canonical.dimension and lower(aliases.value) = canonical.spelling
    union all
    select
        'team' as dimension,
        spelling,
        team_id as value,
        'teams' as said_by,
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
        'teams' as said_by,
        4 as preference,
        valid_from as known_from,
        valid_to as valid_from,
        timestamp '9999-12-31' as valid_to
    from team_spellings
    where valid_to < timestamp '9999-12-31'
    union all
    select
        dimension,
        spelling,
        value,
        said_by,
        5 as preference,
        timestamp '0001-01-01' as known_from,
        timestamp '0001-01-01' as valid_from,
        timestamp '9999-12-31' as valid_to
    from canonical
),

meant as (
    {{ first_of_each_period(
        'spellings', ['dimension', 'spelling'], ['preference', 'known_from desc', 'value']
    ) }}
),

final as (
    select {{ all_but('preference, known_from') }} from meant
)

select * from final
